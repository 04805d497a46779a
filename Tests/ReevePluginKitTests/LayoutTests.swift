import CReevePlugin
import Testing

/// The same numbers as `layout.c`: what Swift makes of the header is what C makes of it.
struct LayoutTests {
  @Test("Swift sees the contract's structs in the sizes that C pins")
  func sizes() {
    let sizes: [(String, Int, Int)] = unsafe [
      ("reeve_string", MemoryLayout<reeve_string>.size, 16), ("reeve_span", MemoryLayout<reeve_span>.size, 16),
      ("reeve_node", MemoryLayout<reeve_node>.size, 16), ("reeve_document", MemoryLayout<reeve_document>.size, 32),
      ("reeve_tag", MemoryLayout<reeve_tag>.size, 32),
      ("reeve_attribute_note", MemoryLayout<reeve_attribute_note>.size, 64),
      ("reeve_resource", MemoryLayout<reeve_resource>.size, 152),
      ("reeve_verdict", MemoryLayout<reeve_verdict>.size, 80),
      ("reeve_tag_operation", MemoryLayout<reeve_tag_operation>.size, 80),
      ("reeve_action", MemoryLayout<reeve_action>.size, 272),
      ("reeve_request", MemoryLayout<reeve_request>.size, 80),
      ("reeve_response", MemoryLayout<reeve_response>.size, 88), ("reeve_call", MemoryLayout<reeve_call>.size, 64),
      ("reeve_account", MemoryLayout<reeve_account>.size, 72),
      ("reeve_organizational_unit", MemoryLayout<reeve_organizational_unit>.size, 72),
      ("reeve_organization", MemoryLayout<reeve_organization>.size, 136),
      ("reeve_create_arguments", MemoryLayout<reeve_create_arguments>.size, 48),
      ("reeve_scope", MemoryLayout<reeve_scope>.size, 72),
      ("reeve_discovery", MemoryLayout<reeve_discovery>.size, 32),
      ("reeve_check", MemoryLayout<reeve_check>.size, 16), ("reeve_tagger", MemoryLayout<reeve_tagger>.size, 16),
      ("reeve_remediator", MemoryLayout<reeve_remediator>.size, 16),
      ("reeve_finding", MemoryLayout<reeve_finding>.size, 72), ("reeve_plugin", MemoryLayout<reeve_plugin>.size, 120),
      ("reeve_hello", MemoryLayout<reeve_hello>.size, 40),
    ]
    for (name, size, pinned) in sizes { #expect(size == pinned, "\(name)") }
  }

  @Test("Swift sees the contract's fields at the offsets that C pins")
  func offsets() {
    let offsets: [(String, Int?, Int)] = unsafe [
      ("string.length", MemoryLayout<reeve_string>.offset(of: \.length), 8),
      ("span.stride", MemoryLayout<reeve_span>.offset(of: \.stride), 12),
      ("node.value", MemoryLayout<reeve_node>.offset(of: \.value), 8),
      ("document.node_count", MemoryLayout<reeve_document>.offset(of: \.node_count), 24),
      ("note.read_at", MemoryLayout<reeve_attribute_note>.offset(of: \.read_at), 56),
      ("resource.arn", MemoryLayout<reeve_resource>.offset(of: \.arn), 40),
      ("resource.attributes", MemoryLayout<reeve_resource>.offset(of: \.attributes), 104),
      ("resource.notes", MemoryLayout<reeve_resource>.offset(of: \.notes), 136),
      ("verdict.result", MemoryLayout<reeve_verdict>.offset(of: \.result), 12),
      ("verdict.evidence", MemoryLayout<reeve_verdict>.offset(of: \.evidence), 48),
      ("tag_operation.reason", MemoryLayout<reeve_tag_operation>.offset(of: \.reason), 64),
      ("action.parameters", MemoryLayout<reeve_action>.offset(of: \.parameters), 80),
      ("action.after", MemoryLayout<reeve_action>.offset(of: \.after), 240),
      ("request.parameters", MemoryLayout<reeve_request>.offset(of: \.parameters), 48),
      ("response.body", MemoryLayout<reeve_response>.offset(of: \.body), 16),
      ("response.read_at", MemoryLayout<reeve_response>.offset(of: \.read_at), 80),
      ("call.now", MemoryLayout<reeve_call>.offset(of: \.now), 16),
      ("call.emit", MemoryLayout<reeve_call>.offset(of: \.emit), 32),
      ("call.service", MemoryLayout<reeve_call>.offset(of: \.service), 56),
      ("organization.accounts", MemoryLayout<reeve_organization>.offset(of: \.accounts), 72),
      ("organization.membership_reason", MemoryLayout<reeve_organization>.offset(of: \.membership_reason), 120),
      ("scope.wanted", MemoryLayout<reeve_scope>.offset(of: \.wanted), 56),
      ("finding.check", MemoryLayout<reeve_finding>.offset(of: \.check), 8),
      ("plugin.checks", MemoryLayout<reeve_plugin>.offset(of: \.checks), 80),
      ("plugin.create", MemoryLayout<reeve_plugin>.offset(of: \.create), 96),
      ("plugin.interface", MemoryLayout<reeve_plugin>.offset(of: \.interface), 112),
    ]
    for (name, offset, pinned) in offsets { #expect(offset == pinned, "\(name)") }
  }
}
