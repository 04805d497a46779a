package import Governance

/// The client's half: parameters out, responses in.
package enum ClientCodec {
  package enum ResponseError: Error, Equatable, Sendable {
    case service(ServiceError)
    /// A body that is not what the protocol promises: what was expected, what was found, never the whole body.
    case malformed(status: Int, reason: String)
  }

  /// What the model says against the parameters, all of it at once.
  package static func check(_ parameters: Document, of operation: Operation) throws(ParameterError) {
    try ParameterCheck.check(parameters, of: operation)
  }

  /// An unsigned request to `authority`.
  package static func request(
    _ operation: Operation, parameters: Document, scheme: String, authority: String, path: String = "/"
  ) throws(ParameterError) -> HTTPRequest {
    try check(parameters, of: operation)
    var request = HTTPRequest(scheme: scheme, authority: authority, path: path)
    request.headers["Host"] = authority
    switch operation.service.wireProtocol {
    case .ec2, .query:
      request.headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
      var form = FormWriter(service: operation.service)
      form.write(operation, parameters)
      request.body = form.bytes
    case .json:
      request.headers["Content-Type"] = "application/x-amz-json-\(operation.service.jsonVersion)"
      request.headers["X-Amz-Target"] = "\(operation.service.targetPrefix).\(operation.name)"
      let body = operation.input.map { JSONShape.toWire(parameters, $0) } ?? .emptyObject
      request.body = Array(body.json.utf8)
    }
    return request
  }

  package static func response(_ operation: Operation, _ response: HTTPResponse) throws(ResponseError) -> Document {
    let document = try body(operation, response)
    // A listing without its list is no empty listing: AWS always sends the list, if only an empty one.
    for list in operation.pagination?.resultKeys ?? [] {
      guard operation.output?.member(named: list)?.shape.kind == .list, document[list] == nil else { continue }
      throw .malformed(
        status: response.status,
        reason: "\(operation.name): the answer lacks its list \(list): \(Excerpt.of(response.body, hidingText: true))")
    }
    return document
  }

  private static func body(_ operation: Operation, _ response: HTTPResponse) throws(ResponseError) -> Document {
    guard (200..<300).contains(response.status) else { throw error(of: response, from: operation.service) }
    switch operation.service.wireProtocol {
    case .ec2, .query:
      do {
        return try ResponseReader.read(response.body, operation)
      } catch {
        throw .malformed(status: response.status, reason: "\(error)")
      }
    case .json:
      if response.body.isEmpty, operation.output == nil || operation.output?.members.isEmpty == true {
        return .emptyObject
      }
      do {
        let document = try Document(json: response.body)
        guard document.kind == .object else { throw DocumentError(reason: "expected an object") }
        return try operation.output.map { shape throws(DocumentError) in try JSONShape.fromWire(document, shape) }
          ?? document
      } catch {
        throw .malformed(status: response.status, reason: "\(error): \(Excerpt.of(response.body, hidingText: true))")
      }
    }
  }

  private static func error(of response: HTTPResponse, from service: ServiceModel) -> ResponseError {
    var error = ServiceError(
      status: response.status, code: "", message: "", requestID: response.headers["x-amzn-RequestId"] ?? "",
      retryAfter: retryAfter(response.headers))
    switch service.wireProtocol {
    case .ec2, .query:
      do {
        let fields = try ErrorReader.read(response.body)
        error.code = fields.code
        error.message = fields.message
        if !fields.requestID.isEmpty { error.requestID = fields.requestID }
      } catch {
        return .malformed(status: response.status, reason: "\(error)")
      }
    case .json:
      do {
        let body = response.body.isEmpty ? .emptyObject : try Document(json: response.body)
        let type = body["__type"]?.string ?? response.headers["x-amzn-ErrorType"] ?? ""
        // `com.amazonaws.organizations#AccessDeniedException`, `AccessDeniedException:http://…`
        error.code = String(type.split(separator: "#").last?.split(separator: ":").first ?? "")
        error.message = body["message"]?.string ?? body["Message"]?.string ?? ""
        // The fields that say which case of an error it is.
        if let reason = body["Reason"]?.string, !error.message.contains(reason) {
          error.message += error.message.isEmpty ? reason : " (\(reason))"
        }
      } catch {
        return .malformed(status: response.status, reason: "\(error): \(Excerpt.of(response.body, hidingText: false))")
      }
    }
    guard !error.code.isEmpty else {
      return .malformed(
        status: response.status, reason: "an error without a code: \(Excerpt.of(response.body, hidingText: false))")
    }
    return .service(error)
  }

  /// A server that asks for more than a day asks for a day: what comes from outside is not multiplied unbounded.
  private static func retryAfter(_ headers: HTTPHeaders) -> Duration? {
    func number(_ name: String) -> Int64? { headers[name].flatMap { Int64($0) }.flatMap { $0 < 0 ? nil : $0 } }
    let day: Int64 = 86_400
    if let milliseconds = number("x-amz-retry-after") { return .milliseconds(min(milliseconds, day * 1_000)) }
    return number("Retry-After").map { .seconds(min($0, day)) }
  }
}
