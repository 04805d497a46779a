package import Governance

/// The server's half, over the same tables in the opposite direction: requests in, responses out.
package enum ServerCodec {
  /// The action and parameters of a request; of several equal scalars the first wins. The operation's name of a JSON
  /// request comes from X-Amz-Target.
  package struct Incoming: Sendable {
    package var action: String
    package var version: String
    package var parameters: Document
    /// Fields that the operation's shape does not name, in request order.
    package var unknown: [String]
  }

  /// Throws the error that AWS would answer with. An action that the service does not have comes back with no
  /// parameters: what to answer is the server's to say.
  package static func request(_ request: HTTPRequest, of service: ServiceModel) throws(ServiceError) -> Incoming {
    switch service.wireProtocol {
    case .ec2, .query: try form(request, of: service)
    case .json: try json(request, of: service)
    }
  }

  private static func form(_ request: HTTPRequest, of service: ServiceModel) throws(ServiceError) -> Incoming {
    guard let query = PercentEncoding.fields(request.query.utf8),
      let body = request.method == "GET" ? [] : PercentEncoding.fields(request.body)
    else {
      throw ServiceError(
        status: 400, code: "MalformedQueryString", message: "The query string contains a syntax error")
    }
    var action: String?
    var version: String?
    var parameters: [(name: String, value: String)] = []
    parameters.reserveCapacity(query.count + body.count)
    func take(_ field: (name: String, value: String)) {
      switch field.name {
      case "Action": action = action ?? field.value
      case "Version": version = version ?? field.value
      default: parameters.append(field)
      }
    }
    // A presigned request carries its signature in the query.
    for field in query where !field.name.hasPrefix("X-Amz-") { take(field) }
    for field in body { take(field) }
    guard let action, !action.isEmpty else {
      throw ServiceError(
        status: 400, code: "MissingAction", message: "The request is missing an action or a required parameter.")
    }
    var incoming = Incoming(action: action, version: version ?? "", parameters: .emptyObject, unknown: [])
    guard let operation = service.operation(action) else { return incoming }
    if let simple = try FormReader.simple(parameters, of: operation) {
      incoming.parameters = simple
      return incoming
    }
    var reader = FormReader(fields: parameters, service: service)
    incoming.parameters = try reader.read(operation)
    incoming.unknown = reader.unknown
    return incoming
  }

  private static func json(_ request: HTTPRequest, of service: ServiceModel) throws(ServiceError) -> Incoming {
    // A prefix can hold dots itself: com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents.
    let target = request.headers["X-Amz-Target"] ?? ""
    guard target.hasPrefix(service.targetPrefix + ".") else {
      throw ServiceError(status: 400, code: "UnknownOperationException", message: "")
    }
    let action = String(target.dropFirst(service.targetPrefix.count + 1))
    var incoming = Incoming(action: action, version: service.apiVersion, parameters: .emptyObject, unknown: [])
    guard let operation = service.operation(action) else { return incoming }
    let body: Document
    do {
      body = try Document(json: request.body.isEmpty ? Array("{}".utf8) : request.body)
    } catch {
      throw ServiceError(status: 400, code: "SerializationException", message: "")
    }
    guard body.kind == .object else { throw ServiceError(status: 400, code: "SerializationException", message: "") }
    guard let input = operation.input else { return incoming }
    incoming.unknown = JSONShape.unknown(in: body, input)
    do {
      incoming.parameters = try JSONShape.fromWire(body, input)
    } catch {
      throw ServiceError(status: 400, code: "SerializationException", message: error.reason)
    }
    return incoming
  }

  /// An answer in XML whose members `write` writes itself.
  package static func body<Failure: Error>(
    _ operation: Operation, requestID: String, writing write: (inout XMLWriter) throws(Failure) -> Void
  ) throws(Failure) -> [UInt8] {
    var xml = XMLWriter()
    xml.reserve(2_048)
    let isEC2 = operation.service.wireProtocol == .ec2
    if isEC2 { xml.declaration() }
    xml.open(operation.responseName, namespace: operation.service.xmlNamespace)
    if isEC2 {
      xml.element("requestId", requestID)
      try write(&xml)
    } else {
      if operation.output != nil {
        xml.open(operation.resultName)
        try write(&xml)
        xml.close(operation.resultName)
      }
      xml.open("ResponseMetadata")
      xml.element("RequestId", requestID)
      xml.close("ResponseMetadata")
    }
    xml.close(operation.responseName)
    return xml.bytes
  }

  package static func response(_ operation: Operation, body: [UInt8], requestID: String) -> HTTPResponse {
    HTTPResponse(status: 200, headers: headers(operation.service, requestID), body: body)
  }

  package static func response(_ operation: Operation, _ output: Document, requestID: String) -> HTTPResponse {
    let service = operation.service
    var response = HTTPResponse(status: 200, headers: headers(service, requestID))
    switch service.wireProtocol {
    case .ec2, .query:
      response.body = body(operation, requestID: requestID) { xml in
        if let shape = operation.output { xml.members(output, shape) } else { xml.element("return", "true") }
      }
    case .json:
      let body = operation.output.map { JSONShape.toWire(output, $0) } ?? .emptyObject
      response.body = Array(body.json.utf8)
    }
    return response
  }

  /// What an output holds that the model does not have, and values of another type: `response` would leave them out or
  /// write what no client reads. For the tests of a server.
  package static func problems(of output: Document, from operation: Operation) -> [String] {
    ParameterCheck.problems(ofOutput: output, of: operation)
  }

  package static func error(_ error: ServiceError, of service: ServiceModel) -> HTTPResponse {
    var response = HTTPResponse(status: error.status, headers: headers(service, error.requestID))
    if let wait = error.retryAfter {
      response.headers["x-amz-retry-after"] = String(wait.nanoseconds / 1_000_000)
    }
    switch service.wireProtocol {
    case .ec2:
      response.headers["Connection"] = "close"
      var xml = XMLWriter()
      xml.declaration()
      xml.open("Response")
      xml.open("Errors")
      xml.open("Error")
      xml.element("Code", error.code)
      xml.element("Message", error.message)
      xml.close("Error")
      xml.close("Errors")
      xml.element("RequestID", error.requestID)
      xml.close("Response")
      response.body = xml.bytes
    case .query:
      var xml = XMLWriter()
      // The dispatcher's own errors carry the namespace of faults, the service's carry the service's.
      let isDispatch = error.code == "InvalidAction" || error.code == "MissingAction"
      xml.open(
        "ErrorResponse",
        namespace: isDispatch ? "http://webservices.amazon.com/AWSFault/2005-15-09" : service.xmlNamespace)
      xml.open("Error")
      xml.element("Type", error.status >= 500 ? "Receiver" : "Sender")
      xml.element("Code", error.code)
      if error.code != "MalformedInput" { xml.element("Message", error.message) }
      xml.close("Error")
      xml.element("RequestId", error.requestID)
      xml.close("ErrorResponse")
      response.body = xml.bytes
    case .json:
      let body = Document(entries: [
        ("__type", Document(error.code)), ("Message", error.message.isEmpty ? nil : Document(error.message)),
        ("Reason", error.reason.map { Document($0) }),
      ])
      response.body = Array(body.json.utf8)
    }
    return response
  }

  private static func headers(_ service: ServiceModel, _ requestID: String) -> HTTPHeaders {
    var headers = HTTPHeaders(reserving: 4)
    headers.add("x-amzn-RequestId", requestID)
    switch service.wireProtocol {
    case .ec2:
      headers.add("Content-Type", "text/xml;charset=UTF-8")
      headers.add("Server", "AmazonEC2")
    case .query: headers.add("Content-Type", "text/xml")
    case .json: headers.add("Content-Type", "application/x-amz-json-\(service.jsonVersion)")
    }
    return headers
  }
}
