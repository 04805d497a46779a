import CReevePlugin

/// Where the structs of the contract borrow memory: the places of their texts, documents and arrays. What packs and
/// unpacks a frame knows no more of a struct than this.
package final class StructLayout: Sendable {
  package let size: Int
  @usableFromInline let texts: [Int]
  @usableFromInline let documents: [Int]
  @usableFromInline let spans: [(offset: Int, element: StructLayout)]

  init(size: Int, texts: [Int?] = [], documents: [Int?] = [], spans: [(Int?, StructLayout)] = []) {
    self.size = size
    self.texts = texts.map(Self.known)
    self.documents = documents.map(Self.known)
    self.spans = spans.map { (Self.known($0.0), $0.1) }
  }

  private static func known(_ offset: Int?) -> Int {
    guard let offset else { preconditionFailure("a C struct's field has no offset") }
    return offset
  }

  /// Its elements borrow nothing.
  @inlinable var isPlain: Bool { texts.isEmpty && documents.isEmpty && spans.isEmpty }

  package static let index = StructLayout(size: 4)
  package static let string = unsafe StructLayout(size: MemoryLayout<reeve_string>.size, texts: [0])
  package static let document = unsafe StructLayout(size: MemoryLayout<reeve_document>.size, documents: [0])

  package static let tag = unsafe StructLayout(
    size: MemoryLayout<reeve_tag>.size,
    texts: [MemoryLayout.offset(of: \reeve_tag.key), MemoryLayout.offset(of: \reeve_tag.value)])

  package static let note = unsafe StructLayout(
    size: MemoryLayout<reeve_attribute_note>.size,
    texts: [
      MemoryLayout.offset(of: \reeve_attribute_note.name), MemoryLayout.offset(of: \reeve_attribute_note.code),
      MemoryLayout.offset(of: \reeve_attribute_note.message),
    ])

  package static let resource = unsafe StructLayout(
    size: MemoryLayout<reeve_resource>.size,
    texts: [
      MemoryLayout.offset(of: \reeve_resource.type), MemoryLayout.offset(of: \reeve_resource.id),
      MemoryLayout.offset(of: \reeve_resource.arn), MemoryLayout.offset(of: \reeve_resource.account),
      MemoryLayout.offset(of: \reeve_resource.region),
    ], documents: [MemoryLayout.offset(of: \reeve_resource.attributes)],
    spans: [
      (MemoryLayout.offset(of: \reeve_resource.tags), tag), (MemoryLayout.offset(of: \reeve_resource.notes), note),
    ])

  package static let verdict = unsafe StructLayout(
    size: MemoryLayout<reeve_verdict>.size,
    texts: [MemoryLayout.offset(of: \reeve_verdict.message), MemoryLayout.offset(of: \reeve_verdict.reason_code)],
    documents: [MemoryLayout.offset(of: \reeve_verdict.evidence)])

  package static let tagOperation = unsafe StructLayout(
    size: MemoryLayout<reeve_tag_operation>.size,
    texts: [
      MemoryLayout.offset(of: \reeve_tag_operation.key), MemoryLayout.offset(of: \reeve_tag_operation.value),
      MemoryLayout.offset(of: \reeve_tag_operation.new_key), MemoryLayout.offset(of: \reeve_tag_operation.reason),
    ])

  package static let action = unsafe StructLayout(
    size: MemoryLayout<reeve_action>.size,
    texts: [
      MemoryLayout.offset(of: \reeve_action.check), MemoryLayout.offset(of: \reeve_action.service),
      MemoryLayout.offset(of: \reeve_action.operation), MemoryLayout.offset(of: \reeve_action.summary),
    ],
    documents: [
      MemoryLayout.offset(of: \reeve_action.parameters), MemoryLayout.offset(of: \reeve_action.precondition),
      MemoryLayout.offset(of: \reeve_action.undo), MemoryLayout.offset(of: \reeve_action.verification),
      MemoryLayout.offset(of: \reeve_action.before), MemoryLayout.offset(of: \reeve_action.after),
    ])

  package static let request = unsafe StructLayout(
    size: MemoryLayout<reeve_request>.size,
    texts: [MemoryLayout.offset(of: \reeve_request.service), MemoryLayout.offset(of: \reeve_request.operation)],
    documents: [MemoryLayout.offset(of: \reeve_request.parameters)])

  package static let response = unsafe StructLayout(
    size: MemoryLayout<reeve_response>.size,
    texts: [
      MemoryLayout.offset(of: \reeve_response.error_code), MemoryLayout.offset(of: \reeve_response.error_message),
    ], documents: [MemoryLayout.offset(of: \reeve_response.body)])

  package static let finding = unsafe StructLayout(
    size: MemoryLayout<reeve_finding>.size,
    texts: [MemoryLayout.offset(of: \reeve_finding.check), MemoryLayout.offset(of: \reeve_finding.message)],
    documents: [MemoryLayout.offset(of: \reeve_finding.evidence)])

  package static let wanted = unsafe StructLayout(
    size: MemoryLayout<reeve_wanted_attribute>.size,
    texts: [
      MemoryLayout.offset(of: \reeve_wanted_attribute.resource_type),
      MemoryLayout.offset(of: \reeve_wanted_attribute.name),
    ])

  package static let scope = unsafe StructLayout(
    size: MemoryLayout<reeve_scope>.size,
    texts: [
      MemoryLayout.offset(of: \reeve_scope.account), MemoryLayout.offset(of: \reeve_scope.region),
      MemoryLayout.offset(of: \reeve_scope.partition),
    ], spans: [(MemoryLayout.offset(of: \reeve_scope.wanted), wanted)])

  private static let account = unsafe StructLayout(
    size: MemoryLayout<reeve_account>.size,
    texts: [
      MemoryLayout.offset(of: \reeve_account.id), MemoryLayout.offset(of: \reeve_account.name),
      MemoryLayout.offset(of: \reeve_account.state), MemoryLayout.offset(of: \reeve_account.unit_path),
    ])

  private static let unit = unsafe StructLayout(
    size: MemoryLayout<reeve_organizational_unit>.size,
    texts: [
      MemoryLayout.offset(of: \reeve_organizational_unit.id), MemoryLayout.offset(of: \reeve_organizational_unit.arn),
      MemoryLayout.offset(of: \reeve_organizational_unit.name),
      MemoryLayout.offset(of: \reeve_organizational_unit.path),
    ])

  package static let organization = unsafe StructLayout(
    size: MemoryLayout<reeve_organization>.size,
    texts: [
      MemoryLayout.offset(of: \reeve_organization.id), MemoryLayout.offset(of: \reeve_organization.arn),
      MemoryLayout.offset(of: \reeve_organization.management_account),
      MemoryLayout.offset(of: \reeve_organization.partition),
      MemoryLayout.offset(of: \reeve_organization.membership_reason),
    ],
    spans: [
      (MemoryLayout.offset(of: \reeve_organization.accounts), account),
      (MemoryLayout.offset(of: \reeve_organization.units), unit),
      (MemoryLayout.offset(of: \reeve_organization.trusted), string),
    ])

  package static let hello = unsafe StructLayout(
    size: MemoryLayout<reeve_hello>.size,
    texts: [MemoryLayout.offset(of: \reeve_hello.host), MemoryLayout.offset(of: \reeve_hello.host_version)])

  /// A plugin's descriptor. Its functions travel as words that are 0 or not, and mean nothing elsewhere.
  package static let plugin = unsafe StructLayout(
    size: MemoryLayout<reeve_plugin>.size,
    texts: [
      MemoryLayout.offset(of: \reeve_plugin.id), MemoryLayout.offset(of: \reeve_plugin.version),
      MemoryLayout.offset(of: \reeve_plugin.kit), MemoryLayout.offset(of: \reeve_plugin.toolchain),
    ], spans: [(MemoryLayout.offset(of: \reeve_plugin.checks), string)])

  /// What an emit of a kind hands over; nil for a kind that the contract does not have.
  package static func emitted(_ kind: UInt32) -> StructLayout? {
    switch kind {
    case REEVE_EMIT_RESOURCE: resource
    case REEVE_EMIT_REQUEST: request
    case REEVE_EMIT_VERDICT: verdict
    case REEVE_EMIT_TAG_OPERATION: tagOperation
    case REEVE_EMIT_ACTION: action
    default: nil
    }
  }
}
