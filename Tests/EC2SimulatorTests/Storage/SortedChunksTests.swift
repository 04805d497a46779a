import Determinism
import Testing

@testable import EC2Simulator

@Suite("Sorted chunks")
struct SortedChunksTests {
  @Test(
    "A thousand random insertions and removals leave what a sorted set would hold", arguments: [1, 2, 3] as [UInt64])
  func agreesWithASet(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var list = SortedChunks<Int>()
    var model: Set<Int> = []
    for _ in 0..<6_000 {
      let value = generator.below(2_000)
      if generator.below(3) == 0 {
        list.remove(value)
        model.remove(value)
      } else {
        #expect(list.insert(value) == model.insert(value).inserted)
      }
    }
    #expect(Array(list) == model.sorted())
    #expect(list.count == model.count)
    #expect(Array(list.reversed()) == model.sorted().reversed())
    for value in stride(from: 0, to: 2_000, by: 37) {
      let start = list.start { $0 < value }
      #expect(Array(list[start...]) == model.sorted().filter { $0 >= value })
      #expect(list.distance(from: list.startIndex, to: start) == model.count { $0 < value })
      #expect(list.element(equalTo: value) == (model.contains(value) ? value : nil))
    }
  }

  @Test(
    "Ascending, descending and at once: the same list",
    arguments: [0, 1, 255, 256, 257, 1_000])
  func ordersOfInsertion(count: Int) {
    var ascending = SortedChunks<Int>()
    var descending = SortedChunks<Int>()
    for value in 0..<count { ascending.insert(value) }
    for value in (0..<count).reversed() { descending.insert(value) }
    #expect(ascending == descending)
    #expect(ascending == SortedChunks((0..<count).reversed() + (0..<count)))
    for value in 0..<count { ascending.remove(value) }
    #expect(ascending.isEmpty && ascending.first == nil)
  }
}
