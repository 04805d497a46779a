import Testing

@testable import Governance

struct DocumentTests {
  private let image: Document = [
    "ImageId": "ami-1", "Public": true, "Size": 8, "Ratio": 0.5, "Nothing": .null,
    "Tags": [["Key": "Owner", "Value": "team-a"], ["Key": "Env", "Value": "prod"]], "Empty": [],
  ]

  @Test("a document gives back what it was built from, by name, by position and by path")
  func reads() {
    #expect(image["ImageId"]?.string == "ami-1")
    #expect(image["Public"]?.bool == true)
    #expect(image["Size"]?.int == 8)
    #expect(image["Ratio"]?.real == 0.5)
    #expect(image["Nothing"]?.isNull == true)
    #expect(image["Tags"]?[1]?["Key"]?.string == "Env")
    #expect(image.at(path: "Tags.0.Value")?.string == "team-a")
    #expect(image.at(path: "Tags.2.Value") == nil)
    #expect(image["Absent"] == nil)
    #expect(image.count == 7)
  }

  @Test("any node is a document of its own, and compacting it drops the rest")
  func subtrees() {
    let tags = image["Tags"]
    #expect(tags?.count == 2)
    #expect(tags?.compacted == tags)
    #expect((tags?.compacted.storage.heap.count ?? 0) < image.storage.heap.count)
    #expect(tags?.compacted.node.span == UInt32(tags?.compacted.storage.nodes.count ?? 0))
  }

  @Test("equality looks at values, not at the order of entries or the kind of number")
  func equality() {
    #expect(["a": 1, "b": 2] as Document == ["b": 2, "a": 1])
    #expect(Document(1) == Document(floatLiteral: 1.0))
    #expect(["a": 1] as Document != ["a": 1, "b": 2])
    #expect([1, 2] as Document != [2, 1])
    #expect(Document("1") != Document(1))
    #expect((["Group": "all", "X": 1] as Document).includes(["Group": "all"]))
    #expect(!(["Group": "some"] as Document).includes(["Group": "all"]))
  }

  @Test(
    "JSON written is JSON read",
    arguments: [
      #"{"a":[1,2.5,"x\n\"y\"",true,null,{}],"b":{"c":[]}}"#, #""\u0001\u007f é 😀""#, "-9007199254740993", "[]",
    ])
  func roundTrip(json: String) throws {
    let document = try Document(json: json)
    #expect(try Document(json: document.json) == document)
    #expect(try Document(json: document.prettyJSON) == document)
  }

  @Test("text that is not JSON is an error, never an empty document", arguments: ["", "{", "[1", "nul", "{\"a\":}"])
  func malformed(json: String) {
    #expect(throws: DocumentError.self) { try Document(json: json) }
  }

  @Test("setting replaces in place, appends what is new and removes with nil")
  func setting() {
    let document: Document = ["a": 1, "b": 2]
    #expect(document.setting("a", to: 3).json == #"{"a":3,"b":2}"#)
    #expect(document.setting("c", to: 3).json == #"{"a":1,"b":2,"c":3}"#)
    #expect(document.setting("a", to: nil).json == #"{"b":2}"#)
  }
}

struct ObservationTests {
  private let response: Document = [
    "LaunchPermissions": [["UserId": "111122223333"], ["Group": "all"]], "Images": [["Public": true]], "None": [],
  ]

  @Test(
    "an expectation holds or says what was found",
    arguments: [
      ("Images.0.Public", Observation.Expectation.Comparison.is, Document(true), true),
      ("Images.0.Public", .is, Document(false), false),
      ("LaunchPermissions", .contains, ["Group": "all"] as Document, true),
      ("LaunchPermissions", .contains, ["UserId": "999999999999"] as Document, false),
      ("LaunchPermissions", .lacks, ["Group": "all"] as Document, false),
      ("LaunchPermissions", .lacks, ["UserId": "999999999999"] as Document, true),
      ("Missing", .lacks, ["Group": "all"] as Document, false), ("Missing", .absent, Document.null, true),
      ("None", .absent, Document.null, true), ("Images", .absent, Document.null, false),
    ])
  func expectations(path: String, comparison: Observation.Expectation.Comparison, value: Document, holds: Bool) throws {
    let observation = Observation(
      call: APICall(service: "ec2", operation: "DescribeImages", parameters: [:]),
      expectations: [.init(path: path, comparison: comparison, value: value)])
    #expect(observation.broken(by: response).isEmpty == holds)
    #expect(try Observation(document: observation.document) == observation)
  }

  @Test("an observation that expects nothing is refused")
  func empty() {
    #expect(throws: DocumentError.self) {
      try Observation(document: ["service": "ec2", "operation": "DescribeImages", "expect": []])
    }
  }
}

@Suite struct DocumentPartsTests {
  let whole: Document = ["b": ["naïve", ["z": "😀", "a": 1]], "a": "first", "empty": ""]

  @Test("A document put together from parts in any order has their values")
  func parts() throws {
    let list = try #require(whole["b"])
    let text = try #require(whole["a"])
    #expect(Document([text, list, text]).json == #"["first",["naïve",{"z":"😀","a":1}],"first"]"#)
    #expect(list.compacted == list)
    #expect(whole.setting("b", to: text).json == #"{"b":"first","a":"first","empty":""}"#)
  }

  @Test("The canonical form sorts the entries of every object")
  func canonical() {
    #expect(whole.canonical.json == #"{"a":"first","b":["naïve",{"a":1,"z":"😀"}],"empty":""}"#)
  }

  @Test("An entry is found by a string of another document, and nothing where there is none")
  func member() throws {
    let names: Document = ["a", "empty", "ab", ""]
    #expect(names.elements.map { whole[$0]?.string } == ["first", "", nil, nil])
    #expect(whole["bb"] == nil)
    #expect(names["a"] == nil)
  }

  @Test(
    "Every kind of value comes back from JSON",
    arguments: [
      "null", "true", "false", "0", "-12", "1.5", #""""#, #""text""#, "[]", "{}", #"[1,[true,null],{"a":[]}]"#,
      #"{"a":{"b":[1,2.5,"x"]},"c":false}"#,
    ])
  func json(text: String) throws {
    #expect(try Document(json: text).json == text)
  }
}
