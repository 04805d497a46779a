import AWSWire
import Governance

/// Requests from anybody: a form in the body, a form in the query, or JSON. The first byte says which, and of which
/// service; of JSON the first line is the operation.
///
/// Beside not crashing: what was read, written as a client writes it, reads as the same again.
@c(LLVMFuzzerTestOneInput) func runOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  let name = ServiceModel.names[Int(bytes[0] >> 1) % ServiceModel.names.count]
  guard let service = ServiceModel.named(name) else { return 0 }
  var request = HTTPRequest(scheme: "http", authority: "localhost")
  let rest = Array(bytes.dropFirst())
  if service.wireProtocol == .json {
    let line = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.count
    request.headers["X-Amz-Target"] = "\(service.targetPrefix).\(String(decoding: rest[..<line], as: UTF8.self))"
    request.body = Array(rest.dropFirst(line + 1))
  } else if bytes[0] & 1 == 0 {
    request.body = rest
  } else {
    request.method = "GET"
    request.query = String(decoding: rest, as: UTF8.self)
  }
  check(request, of: service)
  return 0
}

private func check(_ request: HTTPRequest, of service: ServiceModel) {
  let incoming: ServerCodec.Incoming
  do {
    incoming = try ServerCodec.request(request, of: service)
  } catch {
    // A refusal is written for the client, and has a code.
    precondition(!error.code.isEmpty && (400..<500).contains(error.status))
    _ = ServerCodec.error(error, of: service)
    return
  }
  guard let operation = service.operation(incoming.action), !hasNothingToSay(incoming.parameters) else { return }
  let written: HTTPRequest
  do {
    written = try ClientCodec.request(
      operation, parameters: incoming.parameters, scheme: "http", authority: "localhost")
  } catch {
    // The client refuses what lacks a required member; the server leaves that to its operations.
    return
  }
  do {
    let again = try ServerCodec.request(written, of: service)
    precondition(again.parameters == incoming.parameters, "\(incoming.parameters.json) → \(again.parameters.json)")
    precondition(again.unknown.isEmpty, "\(again.unknown)")
  } catch {
    preconditionFailure("what was read cannot be read again: \(error)")
  }
}

/// An empty structure inside: a form has no word for it.
private func hasNothingToSay(_ document: Document) -> Bool {
  switch document.kind {
  case .object:
    document.entries.contains { $0.value.kind == .object && $0.value.count == 0 || hasNothingToSay($0.value) }
  case .array: document.elements.contains { $0.kind == .object && $0.count == 0 || hasNothingToSay($0) }
  default: false
  }
}
