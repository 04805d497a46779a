import Determinism

/// Draws of one seed, in the words of whoever makes something up.
struct SwarmDraw {
  private var generator: SeededGenerator

  init(seed: UInt64, stream: String) { generator = SeededGenerator(seed: seed, stream: stream) }

  mutating func chance(_ share: Double) -> Bool { generator.unit() < share }
  mutating func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + generator.below(range.upperBound - range.lowerBound + 1)
  }
  mutating func seed() -> UInt64 { generator.next() >> 16 }

  /// One of what there is; nil of nothing.
  mutating func pick<Element>(_ elements: [Element]) -> Element? {
    elements.isEmpty ? nil : elements[generator.below(elements.count)]
  }

  /// One of the weighted values: `(3, a), (1, b)` gives a three times out of four.
  mutating func weighted<Element>(_ first: (Int, Element), _ others: (Int, Element)...) -> Element {
    var place = generator.below(first.0 + others.reduce(0) { $0 + $1.0 })
    if place < first.0 { return first.1 }
    place -= first.0
    for (weight, element) in others {
      if place < weight { return element }
      place -= weight
    }
    return first.1
  }

  /// Each element with that chance, in their order.
  mutating func some<Element>(of elements: [Element], share: Double) -> [Element] {
    elements.filter { _ in chance(share) }
  }
}
