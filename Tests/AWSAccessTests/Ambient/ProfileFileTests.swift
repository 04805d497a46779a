import Governance
import Testing

@testable import AWSAccess

@Suite("The shared files")
struct ProfileFileTests {
  private func file(_ text: String) throws(FailureReason) -> ProfileFile {
    try ProfileFile(path: "config", bytes: Array(text.utf8))
  }

  @Test("Sections, keys in any case, comments, blanks, Windows line ends, quotes, nested and continued values")
  func reading() throws {
    let text =
      "\u{FEFF}# comment\r\n[default]\r\nRegion = eu-west-1\r\n; another\r\n\r\n[profile two words]\n"
      + "aws_secret_access_key=a=b:c#d\n[profile \"quoted name\"]\ns3 =\n  max_concurrent_requests = 20\n  "
      + "addressing_style = path\nregion = x\n  continued\n[services local]\nec2 =\n  endpoint_url = http://127.0.0.1:1\n"
    let file = try file(text)
    #expect(file.sections.keys.sorted() == ["default", "profile quoted name", "profile two words", "services local"])
    #expect(file.sections["default"]?.values["region"] == .init(text: "eu-west-1", line: 3))
    #expect(file.sections["profile two words"]?.values["aws_secret_access_key"]?.text == "a=b:c#d")
    let quoted = file.sections["profile quoted name"]
    #expect(quoted?.values["s3"]?.nested == ["max_concurrent_requests": "20", "addressing_style": "path"])
    #expect(quoted?.values["region"]?.text == "x\ncontinued")
    #expect(file.sections["services local"]?.values["ec2"]?.nested["endpoint_url"] == "http://127.0.0.1:1")
  }

  @Test("What is wrong is said with its line, and never repeats the line")
  func problems() {
    let table: [(String, Int, String)] = [
      ("region = x\n", 1, "before the first [section]"), ("[default\n", 1, "no closing bracket"),
      ("[default]\nhunter2\n", 2, "key = value"), ("[default]\n= hunter2\n", 2, "key = value"),
      ("[a]\nx = 1\n[b]\n[a]\n", 4, "given twice; the first is on line 1"),
      ("[a]\nx = 1\nX = hunter2\n", 3, "\"x\" is given twice in [a]; the first is on line 2"),
      ("[ ]\n", 1, "no name"), ("[profile \"x]\n", 1, "no name"),
    ]
    for (text, line, words) in table {
      #expect {
        _ = try file(text)
      } throws: { error in
        let message = (error as? FailureReason)?.message ?? ""
        return message.hasPrefix("config:\(line): ") && message.contains(words) && !message.contains("hunter2")
      }
    }
    #expect(throws: FailureReason.self) { try ProfileFile(path: "config", bytes: [0x5B, 0xFF, 0x5D]) }
  }

  @Test("Words are split as a shell splits them, and nothing else is done to them")
  func shellWords() {
    let table: [(String, [String]?)] = [
      ("a b  c", ["a", "b", "c"]), ("'a b' \"c d\"", ["a b", "c d"]), (#"a\ b"#, ["a b"]), (#""a\"b\c""#, [#"a"b\c"#]),
      (#"'a\b'"#, [#"a\b"#]), ("a'b'c", ["abc"]), ("''", [""]), ("", []), ("$HOME *; rm", ["$HOME", "*;", "rm"]),
      ("'a", nil), ("a\\", nil),
    ]
    for (text, words) in table { #expect(ShellWords.split(text) == words, "\(text)") }
  }
}
