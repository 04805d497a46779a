import Glibc
import Governance
import Testing

@testable import AWSWire

struct SignatureV4Tests {
  private let example = Credentials(
    accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
  private let date = Timestamp(seconds: 1_440_938_160)

  private func request(method: String = "GET", query: String = "", body: String = "") -> HTTPRequest {
    HTTPRequest(
      method: method, scheme: "https", authority: "example.amazonaws.com", path: "/", query: query,
      body: Array(body.utf8))
  }

  /// From AWS's published test suite for Signature Version 4.
  @Test(
    "AWS's published vectors",
    arguments: [
      ("GET", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
      ("GET", "Param1=value1&Param2=value2", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
      ("GET", "Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
      ("POST", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ])
  func vectors(method: String, query: String, signature: String) {
    var request = request(method: method, query: query)
    SignatureV4.sign(&request, credentials: example, region: "us-east-1", service: "service", date: date)
    #expect(
      request.headers["Authorization"]
        == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        + "SignedHeaders=host;x-amz-date, Signature=\(signature)")
  }

  @Test("what was signed verifies; any change of body, header, query or secret does not")
  func verify() throws {
    var request = request(method: "POST", query: "a=b c", body: "Action=DescribeImages")
    var credentials = example
    credentials.sessionToken = "token/+="
    SignatureV4.sign(&request, credentials: credentials, region: "eu-central-1", service: "ec2", date: date)
    let claim = try SignatureV4.claim(of: request)
    #expect(claim.accessKeyID == "AKIDEXAMPLE")
    #expect(claim.region == "eu-central-1")
    #expect(claim.service == "ec2")
    #expect(claim.sessionToken == "token/+=")
    #expect(SignatureV4.verify(claim, of: request, secretAccessKey: example.secretAccessKey))
    #expect(!SignatureV4.verify(claim, of: request, secretAccessKey: "other"))
    let changes: [(inout HTTPRequest) -> Void] = [
      { $0.body.append(0) }, { $0.query = "a=c" }, { $0.method = "GET" }, { $0.headers["Host"] = "other" },
      { $0.headers["X-Amz-Security-Token"] = "other" }, { $0.path = "/other" },
    ]
    for change in changes {
      var changed = request
      change(&changed)
      #expect(!SignatureV4.verify(claim, of: changed, secretAccessKey: example.secretAccessKey))
    }
  }

  @Test("a claim that is not whole says what is missing")
  func incomplete() throws {
    #expect(throws: SignatureV4.ClaimError.missing) { try SignatureV4.claim(of: request()) }
    let headers = [
      "Bearer x", "AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/ec2/aws4_request, Signature=1",
      "AWS4-HMAC-SHA256 Credential=A/B, SignedHeaders=host, Signature=1",
      "AWS4-HMAC-SHA256 Credential=A/20150831/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=1",
      "AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/ec2/aws4_request, SignedHeaders=x-amz-date, Signature=1",
    ]
    for header in headers {
      var request = request()
      request.headers["Authorization"] = header
      request.headers["X-Amz-Date"] = "20150830T123600Z"
      #expect { try SignatureV4.claim(of: request) } throws: { error in
        if case SignatureV4.ClaimError.incomplete(let text) = error { return !text.isEmpty }
        return false
      }
    }
  }

  @Test("credentials never print their secret")
  func redaction() {
    let text = "\(example) \(String(reflecting: example)) \(String(describing: [example]))"
    #expect(!text.contains("wJalr"))
    var dumped = ""
    dump(example, to: &dumped)
    #expect(!dumped.contains("wJalr"))
  }
}

/// The conformance suite hands over a corpus that botocore has signed; nothing to compare otherwise.
struct SignatureCorpusTests {
  private static let path = unsafe getenv("REEVE_SIGNATURE_CORPUS").map { unsafe String(cString: $0) }

  @Test("reeve signs as botocore does", .enabled(if: path != nil))
  func corpus() throws {
    let path = try #require(Self.path)
    let file = unsafe try #require(unsafe fopen(path, "r"))
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = unsafe fread(&buffer, 1, buffer.count, file), count > 0 {
      bytes.append(contentsOf: buffer[..<count])
    }
    var compared = 0
    for entry in try Document(json: bytes).elements {
      func text(_ name: String) -> String { entry[name]?.string ?? "" }
      var request = HTTPRequest(
        method: text("method"), scheme: "https", authority: text("host"), path: "/", query: text("query"),
        body: Array(text("body").utf8))
      for header in entry["headers"]?.entries ?? [] { request.headers.add(header.name, header.value.string ?? "") }
      SignatureV4.sign(
        &request,
        credentials: Credentials(
          accessKeyID: text("key"), secretAccessKey: text("secret"), sessionToken: entry["token"]?.string),
        region: text("region"), service: text("service"), date: try #require(Timestamp(iso8601: text("date"))))
      #expect(request.headers["Authorization"] == text("authorization"))
      compared += 1
    }
    print("\(compared) signatures compared")
    #expect(compared > 0)
  }
}
