/// What a frame begins with, in both directions. Orchestrator and host process come from one build and run on one
/// machine: the struct is its own encoding.
package struct FrameHeader: BitwiseCopyable, Sendable {
  package static let magic: UInt32 = 0x5246_5652
  package static var size: Int { MemoryLayout<FrameHeader>.size }

  /// What is asked for, or that it is an answer.
  package enum Kind: UInt32, Sendable {
    case hello = 1
    case create, destroy, begin, resume, end, evaluate, propose, plan
    case answer = 100
    /// A host process that could not become one: the reason is a record.
    case unable = 101
  }

  package var magic: UInt32 = FrameHeader.magic
  package var kind: UInt32
  /// Of the whole frame, header included.
  package var length: UInt64 = 0
  package var sequence: UInt64
  package var now: Int64 = 0
  package var instance: UInt32 = 0
  package var run: UInt32 = 0
  /// What the function returned.
  package var status: Int32 = 0
  /// An answer's records.
  package var records: UInt32 = 0
  /// An answer's: `Flag`.
  package var flags: UInt32 = 0
  package var reserved: UInt32 = 0
  /// A request's arguments.
  package var first = FrameSpan.none
  package var second = FrameSpan.none

  package struct Flag {
    /// The function made the instance or the run that it was to make.
    package static let made: UInt32 = 1
    /// The plugin emitted more than a frame holds.
    package static let overflow: UInt32 = 2
    /// The run is over, and is ended as soon as this answer is away: nobody has to ask for it.
    package static let ending: UInt32 = 4
  }

  package init(_ kind: Kind, sequence: UInt64) {
    self.kind = kind.rawValue
    self.sequence = sequence
  }
}

/// An array in a frame: where it begins, counted from the frame's own beginning.
package struct FrameSpan: BitwiseCopyable, Sendable {
  package var offset: UInt64
  package var count: UInt32
  package var stride: UInt32

  package static let none = FrameSpan(offset: 0, count: 0, stride: 0)

  @inlinable package init(offset: UInt64, count: UInt32, stride: UInt32) {
    self.offset = offset
    self.count = count
    self.stride = stride
  }
}

/// One thing that a plugin did during a call, in the order in which it did them.
package struct FrameRecord: BitwiseCopyable, Sendable {
  package static var size: Int { MemoryLayout<FrameRecord>.size }

  package enum Kind {
    // 1…5 are the kinds of REEVE_EMIT_….
    package static let fail: UInt32 = 100
    package static let log: UInt32 = 101
    package static let descriptor: UInt32 = 102
    package static let interface: UInt32 = 103
    /// Why there is no plugin: a sentence.
    package static let reason: UInt32 = 104
  }

  /// What was emitted; any number, for the orchestrator to judge.
  package var kind: UInt32
  /// A failure's status, a log line's level, an interface's place.
  package var status: Int32
  /// A failure's resource.
  package var resource: UInt32
  package var reserved: UInt32 = 0
  package var items: FrameSpan

  package init(kind: UInt32, status: Int32 = 0, resource: UInt32 = 0, items: FrameSpan = .none) {
    self.kind = kind
    self.status = status
    self.resource = resource
    self.items = items
  }
}

/// What is no frame, or not one that this side can use.
package struct FrameDefect: Error, Equatable, CustomStringConvertible {
  package var description: String
  package init(_ description: String) { self.description = description }
}

package enum FrameLimit {
  /// Of one frame. More is refused by who would send it, and not received by who would have to.
  package static let bytes = 384 << 20
  /// Beyond these, what is borrowed is not carried along: the other side refuses it by its size alone.
  @usableFromInline static let text = 1 << 20
  package static let items = 4_000_000
  @usableFromInline static let nodes = 16 << 20
  /// A log line or a reason is cut off here; one byte more than is printed.
  package static let line = 4_097
  /// A heap up to here travels as it is; of a larger one only what the document uses.
  @usableFromInline static let wholeHeap = 4_096
  /// In the place of an address: there is something, and it was not carried along.
  @usableFromInline static let absent = UInt64.max
}
