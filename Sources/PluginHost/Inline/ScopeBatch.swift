import CReevePlugin
import Governance
import Orchestrator

/// A scope as a discovery run sees it.
@safe final class ScopeBatch {
  private let arena = Arena()
  private let scope: UnsafeMutablePointer<reeve_scope>

  var pointer: UnsafePointer<reeve_scope> { unsafe UnsafePointer(scope) }

  init(_ setting: DiscoverySetting) {
    let wanted = unsafe arena.array(of: reeve_wanted_attribute.self, setting.wanted.count)
    for (position, attribute) in setting.wanted.enumerated() {
      unsafe (wanted + position).initialize(
        to: reeve_wanted_attribute(
          resource_type: arena.text(attribute.resourceType), name: arena.text(attribute.attribute)))
    }
    unsafe scope = unsafe arena.array(of: reeve_scope.self, 1)
    unsafe scope.initialize(
      to: reeve_scope(
        struct_size: UInt32(MemoryLayout<reeve_scope>.size), reserved: 0, account: arena.text(setting.scope.account),
        region: arena.text(setting.scope.region), partition: arena.text(setting.partition.rawValue),
        wanted: arena.span(wanted, setting.wanted.count)))
  }
}

/// Responses as a discovery run sees them.
@safe final class ResponseBatch {
  private let arena = Arena()
  /// Keeps the lent bodies alive.
  private let responses: [DiscoveryResponse]
  private let items: UnsafeMutablePointer<reeve_response>

  var span: reeve_span { unsafe arena.span(items, responses.count) }

  init(_ responses: [DiscoveryResponse], now: Timestamp) {
    self.responses = responses
    unsafe items = unsafe arena.array(of: reeve_response.self, responses.count)
    for (position, response) in responses.enumerated() {
      var item = unsafe reeve_response()
      unsafe item.struct_size = UInt32(MemoryLayout<reeve_response>.size)
      unsafe item.request_id = response.request
      unsafe item.last_page = response.isLastPage ? 1 : 0
      unsafe item.read_at = (response.readAt ?? now).nanoseconds
      switch response.outcome {
      case .success(let body):
        unsafe item.status = REEVE_OK
        unsafe item.body = ResourceBatch.document(body)
      case .failure(let reason):
        unsafe item.status = reason.kind.rawValue
        unsafe item.error_code = arena.text(reason.code)
        unsafe item.error_message = arena.text(reason.message)
      }
      unsafe (items + position).initialize(to: item)
    }
  }
}
