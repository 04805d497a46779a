import Testing

@testable import Governance

struct TimestampTests {
  @Test(
    "instants read and print as ISO 8601",
    arguments: [
      ("1970-01-01T00:00:00Z", Int64(0)), ("2026-11-23T10:00:00Z", 1_795_428_000),
      ("2000-02-29T23:59:59Z", 951_868_799),
      ("1969-12-31T23:59:59Z", -1), ("2100-03-01T00:00:00Z", 4_107_542_400),
    ])
  func iso(text: String, seconds: Int64) throws {
    let time = try #require(Timestamp(iso8601: text))
    #expect(time.seconds == seconds)
    #expect(time.iso8601 == text)
  }

  @Test("fractions, offsets, the basic form and bare dates are read")
  func forms() {
    #expect(Timestamp(iso8601: "2022-10-20T07:07:19.250Z")?.nanoseconds == 1_666_249_639_250_000_000)
    #expect(Timestamp(iso8601: "2022-10-20T09:07:19+02:00") == Timestamp(iso8601: "2022-10-20T07:07:19Z"))
    #expect(Timestamp(iso8601: "20221020T070719Z") == Timestamp(iso8601: "2022-10-20T07:07:19Z"))
    #expect(Timestamp(iso8601: "2022-10-20")?.iso8601 == "2022-10-20T00:00:00Z")
    #expect(Timestamp(nanoseconds: 1_666_249_639_250_000_000).iso8601Milliseconds == "2022-10-20T07:07:19.250Z")
    #expect(Timestamp(seconds: 1_440_938_160).basic == "20150830T123600Z")
  }

  @Test(
    "what is no instant is refused, and what nanoseconds cannot count",
    arguments: [
      "", "now", "2022-13-01", "2022-10-20T25:00:00Z", "20221020T07", "9999-12-31T23:59:59Z",
      "0001-01-01T00:00:00Z",
    ])
  func refused(text: String) { #expect(Timestamp(iso8601: text) == nil) }

  @Test("durations read units and refuse what has none")
  func durations() {
    #expect(Duration(text: "1h30m") == .seconds(5_400))
    #expect(Duration(text: "500ms") == .milliseconds(500))
    #expect(Duration(text: "7d") == .seconds(604_800))
    for text in ["", "5", "h", "1 h", "-1h", "99999999999999999d"] { #expect(Duration(text: text) == nil) }
    #expect(Duration.seconds(93_784).brief == "1d 2h")
  }
}

struct SourceReaderTests {
  private func value(_ content: SourceValue.Content, line: Int, text: String = "") -> SourceValue {
    SourceValue(content: content, location: .init(file: "reeve.yaml", line: line, column: 1), text: text)
  }

  @Test("all problems come at once, in the order of the file, with the nearest word")
  func problems() {
    let mapping = value(
      .mapping([
        (value(.string("regoins"), line: 1, text: "regoins"), value(.null, line: 1)),
        (value(.string("limit"), line: 2, text: "limit"), value(.string("many"), line: 2, text: "many")),
        (value(.string("limit"), line: 3, text: "limit"), value(.integer(1), line: 3, text: "1")),
      ]), line: 1)
    let reader = SourceReader()
    let fields = reader.fields(of: mapping, known: ["regions", "limit"])
    #expect(reader.integer(fields["limit"]) == nil)
    #expect {
      try reader.finish()
    } throws: { error in
      let text = "\(error)"
      return text == """
        reeve.yaml:1:1: unknown key "regoins"; did you mean "regions"?
        reeve.yaml:2:1: expected an integer, found text
        reeve.yaml:3:1: "limit" is given twice
        """
    }
  }

  @Test("an account id keeps its leading zero")
  func accountID() throws {
    let reader = SourceReader()
    #expect(reader.accountID(value(.string("012345678901"), line: 1, text: "012345678901")) == "012345678901")
    #expect(reader.accountID(value(.integer(12), line: 2, text: "12")) == nil)
    #expect(reader.problems.count == 1)
  }
}
