import Governance
import Testing

@testable import AWSWire

struct XMLTests {
  @Test("libxml2 reads whatever text the writer wrote, characters that XML cannot carry as U+FFFD")
  func writer() throws {
    let scalars =
      (0..<0x300).compactMap(Unicode.Scalar.init) + [
        "\u{7F}", "\u{85}", "\u{2028}", "\u{D7FF}", "\u{E000}", "\u{FFFC}", "\u{FFFD}", "\u{FFFE}", "\u{FFFF}",
        "\u{FEFF}", "\u{10000}", "\u{1FFFE}", "\u{10FFFF}", "\u{EFBF}", "￀",
      ]
    for scalar in scalars {
      var writer = XMLWriter()
      let text = "x\(Character(scalar))y"
      writer.element("a", text)
      let read = try XMLReader.read(writer.bytes, hidingText: false) { (reader) throws(XMLError) in try reader.text() }
      let isForbidden =
        scalar.value == 0xFFFE || scalar.value == 0xFFFF
        || (scalar.value < 0x20 && scalar != "\n" && scalar != "\t" && scalar != "\r")
      #expect(read == Array((isForbidden ? "x\u{FFFD}y" : text).utf8), "U+\(String(scalar.value, radix: 16))")
    }
  }

  @Test(
    "documents that attack the reader are refused",
    arguments: [
      "<!DOCTYPE a><a/>", "<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>", "<a>&undefined;</a>",
      "<!DOCTYPE a SYSTEM \"http://localhost:1/x.dtd\"><a/>",
      "<!DOCTYPE a [<!ENTITY x \"1\"><!ENTITY y \"&x;&x;&x;&x;\">]><a>&y;</a>",
      String(repeating: "<a>", count: 70) + String(repeating: "</a>", count: 70),
      String(repeating: "<a>", count: 100_000), "<a><b></a></b>", "<a x=1/>", "<a>\u{1}</a>",
    ])
  func attacks(body: String) {
    #expect(throws: XMLError.self) {
      try XMLReader.read(Array(body.utf8), hidingText: false) { (reader) throws(XMLError) in try reader.skip() }
    }
  }

  @Test("character data, comments, instructions, prefixes and attributes do not disturb")
  func tolerant() throws {
    let body = """
      \u{FEFF}<?xml version="1.0"?><!-- c --><n:DescribeImagesResponse xmlns:n="u" a="b"><?p i?>
        <n:imagesSet z="1"><n:item><imageId>ami<!-- c -->-<![CDATA[1&<]]>&#x41;</imageId><isPublic>true</isPublic>
        </n:item></n:imagesSet></n:DescribeImagesResponse>
      """
    let document = try ClientCodec.response(
      try Golden.operation("ec2", "DescribeImages"), HTTPResponse(status: 200, body: Array(body.utf8)))
    #expect(document == ["Images": [["ImageId": "ami-1&<A", "Public": true]]])
  }

  /// Run as one of the first of a process it is where libxml2's unlocked tables were torn.
  @Test("many tasks may read documents in other encodings at once")
  func concurrent() async throws {
    let body =
      Array("<?xml version=\"1.0\" encoding=\"windows-1252\"?><a>".utf8) + [0xE9, 0x80] + Array("</a>".utf8)
    let read = await withTaskGroup(of: [UInt8]?.self) { group in
      for _ in 0..<16 {
        group.addTask {
          do {
            return try XMLReader.read(body, hidingText: false) { (reader) throws(XMLError) in try reader.text() }
          } catch {
            return nil
          }
        }
      }
      var all: [[UInt8]?] = []
      for await text in group { all.append(text) }
      return all
    }
    #expect(read.count == 16)
    #expect(read.allSatisfy { $0 == Array("é€".utf8) })
  }

  @Test(
    "an excerpt is short, on one line, and commands no terminal",
    arguments: [
      ("", "the body is empty"), ("a\nb\tc", "the body begins \"a b c\""),
      ("\u{1B}[31mred\u{9B}1m\u{202E}x\u{7F}", "the body begins \"\\u{1B}[31mred\\u{9B}1m\\u{202E}x\\u{7F}\""),
      (String(repeating: "é", count: 80), "the body begins \"\(String(repeating: "é", count: 80))\""),
      (String(repeating: "日", count: 81), "the body begins \"\(String(repeating: "日", count: 80))\"…"),
    ])
  func excerpt(body: String, text: String) {
    #expect(Excerpt.of(Array(body.utf8), hidingText: false) == text)
  }

  @Test(
    "an excerpt without text keeps what helps: tags, HTML, words that are no XML",
    arguments: [
      ("<A><B>secret</B>", "<A><B>…</B>"), ("<A", "<A"), ("<A>sec", "<A>…"), ("<A> </A>", "<A></A>"),
      ("<A><![CDATA[secret]]></A>", "<A><!…"), ("<html>proxy says no</html>", "<html>proxy says no</html>"),
      ("<!DOCTYPE HTML><p>no", "<!DOCTYPE HTML><p>no"), ("upstream timed out", "upstream timed out"),
    ])
  func hidden(body: String, text: String) {
    #expect(Excerpt.of(Array(body.utf8), hidingText: true) == "the body begins \"\(text)\"")
  }
}
