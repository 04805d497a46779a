import Governance
import Testing

@testable import Configuration

struct YAMLEditTests {
  /// `text` with another value behind the key that stands at `line` and `column`.
  private func edited(_ text: String, _ line: Int, _ column: Int, _ value: Document) throws -> String {
    var edit = YAMLEdit(Array(text.utf8), file: "f.yaml")
    try edit.replace([(SourceValue.Location(file: "f.yaml", line: line, column: column), value)])
    let expected = try YAML.parse(Array(edit.text.utf8), file: "f.yaml").document
    #expect(expected["findings"] == value || expected.at(path: "expect.findings") == value)
    return edit.text
  }

  @Test("A list in brackets stays in brackets, a block a block, and a block of brackets that")
  func styles() throws {
    let strings: Document = ["image.public a web us-east-1", "b: c", "100000000001", "yes", ""]
    #expect(
      try edited("findings: [x]\nnext: 1\n", 1, 1, strings)
        == "findings: [image.public a web us-east-1, \"b: c\", \"100000000001\", \"yes\", \"\"]\nnext: 1\n")
    #expect(try edited("findings:\n- x\nnext: 1\n", 1, 1, ["a", "b"]) == "findings:\n- a\n- b\nnext: 1\n")
    let items: Document = [["check": "c", "open": true], ["check": "d"]]
    #expect(
      try edited("a: {x: 1}\nfindings:\n- {check: x}\n# end\n", 2, 1, items)
        == "a: {x: 1}\nfindings:\n- {check: c, open: true}\n- {check: d}\n# end\n")
    #expect(
      try edited("expect: { findings: [], exit: 1 }\n", 1, 11, ["a", ["b": [1]]])
        == "expect: { findings: [a, { b: [1] }], exit: 1 }\n")
  }

  @Test("What is too long for one line becomes a block; what stands in brackets itself cannot")
  func long() throws {
    let many = Document((0..<12).map { Document("image.public number-\($0) web") })
    let block = try edited("findings: [x]\n", 1, 1, many)
    #expect(block.split(separator: "\n").count == 13)
    #expect(block.hasPrefix("findings:\n- image.public number-0 web\n- "))
    let line = try edited("expect: {findings: [x]}\n", 1, 10, many)
    #expect(line.split(separator: "\n").count == 1)
  }
}
