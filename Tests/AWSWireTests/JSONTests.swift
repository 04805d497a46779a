import Governance
import Testing

@testable import AWSWire

struct JSONTests {
  private func accounts(_ body: String) throws -> Document {
    try ClientCodec.response(
      try Golden.operation("organizations", "ListAccounts"), HTTPResponse(status: 200, body: Array(body.utf8)))
  }

  @Test(
    "epoch seconds become ISO 8601 text, to the millisecond",
    arguments: [
      ("1763892000", "2025-11-23T10:00:00Z"), ("1763892000.0", "2025-11-23T10:00:00Z"),
      ("1763892000.123", "2025-11-23T10:00:00.123Z"), ("1.763892000999E9", "2025-11-23T10:00:00.999Z"),
      ("0", "1970-01-01T00:00:00Z"), ("-1.5", "1969-12-31T23:59:58.500Z"), ("\"as text\"", "as text"),
    ])
  func timestamps(number: String, text: String) throws {
    let read = try accounts("{\"Accounts\":[{\"JoinedTimestamp\":\(number),\"New\":{\"deep\":1}}],\"NextToken\":null}")
    #expect(read == ["Accounts": [["JoinedTimestamp": Document(text)]]])
  }

  @Test("every millisecond of a second makes the round trip")
  func milliseconds() throws {
    let shape = try #require(
      try Golden.operation("cloudtrail", "LookupEvents").input?.member(named: "StartTime")?.shape)
    for millisecond in 0..<1_000 {
      let time = Timestamp(nanoseconds: 1_763_892_000_000_000_000 + Int64(millisecond) * 1_000_000)
      let text = millisecond == 0 ? time.iso8601 : time.iso8601Milliseconds
      let wire = try Document(json: JSONShape.toWire(Document(text), shape).json)
      #expect(try JSONShape.fromWire(wire, shape).string == text)
    }
  }

  @Test("the server lists unknown members wherever they stand")
  func unknown() throws {
    let service = try #require(ServiceModel.named("organizations"))
    var request = HTTPRequest(scheme: "http", authority: "x")
    request.headers["X-Amz-Target"] = "AWSOrganizationsV20161128.TagResource"
    request.body = Array("{\"ResourceId\":\"1\",\"Tags\":[{\"Key\":\"k\",\"Valeu\":1}],\"More\":{\"a\":1}}".utf8)
    let incoming = try ServerCodec.request(request, of: service)
    #expect(incoming.parameters == ["ResourceId": "1", "Tags": [["Key": "k"]]])
    #expect(incoming.unknown == ["More", "Tags.0.Valeu"])
    request.body = Array("{\"Tags\":{}}".utf8)
    #expect(throws: ServiceError.self) { try ServerCodec.request(request, of: service) }
  }

  @Test("an error's code is found in the body and in the header, with and without namespace")
  func errorCodes() throws {
    let operation = try Golden.operation("organizations", "ListAccounts")
    let cases: [(body: String, header: String?, code: String, message: String)] = [
      ("{\"__type\":\"AccessDeniedException\",\"Message\":\"no\"}", nil, "AccessDeniedException", "no"),
      ("{\"__type\":\"com.amazonaws#AccessDeniedException\",\"message\":\"no\"}", nil, "AccessDeniedException", "no"),
      ("{\"message\":\"no\"}", "AccessDeniedException:http://x.y/z", "AccessDeniedException", "no"),
      ("", "AccessDeniedException", "AccessDeniedException", ""),
      (
        "{\"__type\":\"InvalidInputException\",\"Message\":\"bad\",\"Reason\":\"INVALID_ENUM\"}", nil,
        "InvalidInputException", "bad (INVALID_ENUM)"
      ),
    ]
    for (body, header, code, message) in cases {
      var response = HTTPResponse(status: 400, body: Array(body.utf8))
      response.headers["x-amzn-ErrorType"] = header
      response.headers["x-amzn-RequestId"] = "r"
      let expected = ServiceError(status: 400, code: code, message: message, requestID: "r")
      #expect(throws: ClientCodec.ResponseError.service(expected)) { try ClientCodec.response(operation, response) }
    }
    for body in ["", "{}", "[]", "<html/>", "{\"__type\":\"\"}"] {
      #expect {
        try ClientCodec.response(operation, HTTPResponse(status: 400, body: Array(body.utf8)))
      } throws: { error in
        if case ClientCodec.ResponseError.malformed(400, _) = error { return true }
        return false
      }
    }
  }

  @Test(
    "how long to wait is read from either header, and bounded",
    arguments: [
      ("Retry-After", "3", Duration.seconds(3)), ("x-amz-retry-after", "1500", .milliseconds(1_500)),
      ("Retry-After", "9223372036854775807", .seconds(86_400)), ("Retry-After", "-1", nil),
      ("Retry-After", "soon", nil),
      ("x-amz-retry-after", "9223372036854775807", .seconds(86_400)),
    ])
  func retryAfter(header: String, value: String, wait: Duration?) throws {
    var response = HTTPResponse(status: 503, body: Array("{\"__type\":\"Slow\"}".utf8))
    response.headers[header] = value
    let expected = ServiceError(status: 503, code: "Slow", message: "", retryAfter: wait)
    #expect(throws: ClientCodec.ResponseError.service(expected)) {
      try ClientCodec.response(try Golden.operation("organizations", "ListAccounts"), response)
    }
  }
}
