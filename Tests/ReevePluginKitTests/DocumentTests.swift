import ReevePluginKit
import Testing

struct DocumentTests {
  let document: Document = [
    "ImageId": "ami-1", "Public": true, "Size": 8, "Ratio": 0.5, "Nothing": nil,
    "Devices": [["Ebs": ["SnapshotId": "snap-1"]], ["Ebs": ["SnapshotId": "snap-2"]]],
  ]

  @Test("A literal reads back with its types and its order")
  func literal() {
    #expect(document["Public"]?.boolean == true)
    #expect(document["Size"]?.integer == 8)
    #expect(document["Size"]?.real == 8)
    #expect(document["Ratio"]?.real == 0.5)
    #expect(document["Nothing"]?.isNull == true)
    #expect(document["Public"]?.string == nil)
    #expect(document["Absent"] == nil)
    #expect(document.entries.map(\.name) == ["ImageId", "Public", "Size", "Ratio", "Nothing", "Devices"])
  }

  @Test("A path finds entries and elements, and nothing where there is nothing")
  func path() {
    #expect(document.at("Devices.1.Ebs.SnapshotId")?.string == "snap-2")
    #expect(document.at("Devices.2.Ebs") == nil)
    #expect(document.at("Devices.x") == nil)
    #expect(document.at("Devices.-1") == nil)
    #expect(document.at("ImageId.x") == nil)
    #expect(document.at("") == nil)
  }

  @Test("A part of a document equals the same thing written by itself, whatever the order of entries")
  func equality() {
    #expect(document["Devices"]?.elements.first == ["Ebs": ["SnapshotId": "snap-1"]])
    #expect(["a": 1, "b": [2, nil]] as Document == ["b": [2, nil], "a": 1])
    for (left, right) in [
      (1, 1.0), (["a": 1], ["a": 1, "b": 2]), ([1, 2], [2, 1]), ("1", 1), (nil, false), ([], [:]),
    ] as [(Document, Document)] {
      #expect(left != right)
    }
  }

  @Test("Setting and removing entries keeps the others in order")
  func editing() throws {
    let edited = document.removing("Devices").setting("Public", to: false).setting("Name", to: "naïve ✓")
    #expect(edited.entries.map(\.name) == ["ImageId", "Size", "Ratio", "Nothing", "Public", "Name"])
    #expect(edited["Name"]?.string == "naïve ✓")
    #expect(document["Public"]?.boolean == true)
    #expect(edited.removing("ImageId").removing("Name").removing("Absent").entries.count == 4)
    // Of a part, whose texts lie in the middle of the whole's.
    let device = try #require(document.at("Devices.1"))
    #expect(device.setting("Name", to: "b").removing("Ebs") == ["Name": "b"])
    #expect(document.setting("Devices", to: device).at("Devices.Ebs.SnapshotId")?.string == "snap-2")
    #expect(([1, 2] as Document).setting("a", to: 1) == ["a": 1])
    #expect(([1, 2] as Document).removing("a") == [:])
  }

  @Test("A description is JSON")
  func description() {
    #expect(
      (["q": "a\"b\\c\n\u{1}", "n": [nil, 1, 1.5, true]] as Document).description
        == #"{"q":"a\"b\\c\n\u0001","n":[null,1,1.5,true]}"#)
  }
}

struct TimeTests {
  @Test(
    "AWS's times are read to the nanosecond",
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2022-10-20T07:07:19Z", 1_666_249_639_000_000_000),
      ("2024-02-29T23:59:59.123Z", 1_709_251_199_123_000_000), ("1969-12-31T23:59:59Z", -1_000_000_000),
    ] as [(String, Int64)])
  func reads(_ text: String, nanoseconds: Int64) {
    #expect(Time(text)?.nanoseconds == nanoseconds)
    #expect(Time(nanoseconds: nanoseconds).description == text.split(separator: ".")[0].replacing("Z", with: "") + "Z")
  }

  @Test(
    "Anything else is no time",
    arguments: [
      "", "2022-10-20", "2022-10-20T07:07:19", "2022-13-20T07:07:19Z", "2022-10-20T24:07:19Z", "2022-10-20 07:07:19Z",
      "2022-10-20T07:07:19.Z", "2022-10-20T07:07:19.1234567890Z", "9999-10-20T07:07:19Z", "2O22-10-20T07:07:19Z",
      "2022-10-20T07:07:19+01:00",
    ])
  func refuses(_ text: String) { #expect(Time(text) == nil) }
}
