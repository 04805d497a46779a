import CReevePlugin
import CSandbox
import Glibc
import Governance
import Orchestrator
import PluginFrames

/// One host process, and the channel to it. Used by one thread at a time.
///
/// 1. One request is outstanding at most; after anything but its whole answer in time, the process is ended.
/// 2. What comes out of the channel is hostile: sizes are checked before memory is taken for them, and everything that
///    is in an answer goes through the same intake as in this process.
@safe final class HostProcess: @unchecked Sendable {
  /// What a function returned, whether it made what it was to make, and whether the run is ended.
  struct Returned {
    var status: Int32
    var made: Bool
    var ending: Bool
  }

  private var host: reeve_host_process
  private var isOver = false
  private var sequence: UInt64 = 0
  private var packer = FramePacker(sharingHeaps: true)
  private var answer: UnsafeMutableRawBufferPointer
  private var log: [CChar]
  private var logged: UInt64 = 0

  private static let logRoom = 16 << 10
  private static let answerRoom = 64 << 10

  init(_ settings: SandboxSettings, library: Int32) throws {
    unsafe host = try unsafe HostSpawner.start(settings, library: library)
    unsafe answer = .allocate(byteCount: Self.answerRoom, alignment: 16)
    log = [CChar](repeating: 0, count: Self.logRoom)
  }

  deinit {
    if !isOver { _ = unsafe reeve_host_end(&host) }
    unsafe reeve_host_release(&host)
    unsafe answer.deallocate()
  }

  // MARK: Calls

  /// Is it still ending a run that its last answer was about? So it stays when the plugin fell there.
  var isEndingRun: Bool {
    guard let page = unsafe host.page else { return false }
    return unsafe reeve_breadcrumb_phase(page) == REEVE_PHASE_END
  }

  /// Makes one call. `pack` adds its arguments; what the plugin did in it goes to `context`.
  func call(
    _ kind: FrameHeader.Kind, now: Timestamp, cancellation: CancellationFlag, limit: Duration, context: CallContext,
    _ pack: (inout FramePacker, inout FrameHeader) -> Void
  ) -> Result<Returned, HostEnding> {
    let page = unsafe Page(host.page)
    page.cancel(false)
    let tell: @Sendable () -> Void = { page.cancel(true) }
    return cancellation.mirrored(by: tell) {
      exchange(kind, now: now, limit: limit, pack).flatMap { header in
        do throws(FrameDefect) {
          guard header.kind == FrameHeader.Kind.answer.rawValue else { throw FrameDefect("no answer") }
          try unsafe AnswerFrame.unpack(header, frame(header), into: context)
          return .success(
            Returned(
              status: header.status, made: header.flags & FrameHeader.Flag.made != 0,
              ending: header.flags & FrameHeader.Flag.ending != 0))
        } catch {
          return .failure(end(.nonsense(error.description)))
        }
      }
    }
  }

  /// The first exchange: what the library says of itself, in `take`, whose memory lasts for that long.
  func introduce(
    hostVersion: String, limit: Duration,
    _ take: (_ descriptor: UnsafePointer<reeve_plugin>?, _ interfaces: [Int32: UnsafeRawPointer]) -> Void
  ) -> Result<String?, HostEnding> {
    let arena = Arena()
    let exchanged = exchange(.hello, now: Timestamp(seconds: 0), limit: limit) { packer, header in
      var hello = unsafe reeve_hello(
        struct_size: UInt32(MemoryLayout<reeve_hello>.size), abi_major: UInt16(REEVE_ABI_MAJOR),
        abi_minor: UInt16(REEVE_ABI_MINOR), host: arena.text("reeve"), host_version: arena.text(hostVersion))
      unsafe withUnsafePointer(to: &hello) { hello in
        unsafe header.first = packer.append(
          reeve_span(items: hello, count: 1, stride: UInt32(MemoryLayout<reeve_hello>.size)), .hello)
      }
    }
    return exchanged.flatMap { header in
      do throws(FrameDefect) {
        return .success(try unsafe AnswerFrame.introduction(header, frame(header), take))
      } catch {
        return .failure(end(.nonsense(error.description)))
      }
    }
  }

  /// The part of `answer` that was received.
  private func frame(_ header: FrameHeader) -> UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(rebasing: answer[..<Int(header.length)])
  }

  // MARK: The channel

  /// Sends a request and receives the answer's header, with the whole answer in `answer`.
  private func exchange(
    _ kind: FrameHeader.Kind, now: Timestamp, limit: Duration,
    _ pack: (inout FramePacker, inout FrameHeader) -> Void
  ) -> Result<FrameHeader, HostEnding> {
    precondition(!isOver, "a host process that has ended was asked for something")
    sequence += 1
    var request = FrameHeader(kind, sequence: sequence)
    request.now = now.nanoseconds
    packer.reset()
    pack(&packer, &request)
    guard !packer.overflowed else {
      return .failure(end(.nonsense("the batch is larger than \(FrameLimit.bytes >> 20) MiB")))
    }
    let frame = unsafe packer.finish(request)
    let deadline = reeve_monotonic() + limit.nanoseconds
    guard let start = frame.baseAddress else { return .failure(end(.nonsense("no request"))) }
    let sent = unsafe reeve_channel_send(host.channel, start, UInt64(frame.count), deadline)
    // A process that ends while it is sent to may have said why before.
    guard sent == 0 || sent == -EPIPE else { return .failure(failed(sent, limit)) }
    let received = receive(deadline)
    switch received {
    case .failure(.broken(let result)): return .failure(failed(result, limit))
    case .failure(.defect(let what)): return .failure(end(.nonsense(what)))
    case .success(let header):
      guard header.sequence == sequence || header.kind == FrameHeader.Kind.unable.rawValue else {
        return .failure(end(.nonsense("the answer to another request")))
      }
      return .success(header)
    }
  }

  private enum Trouble: Error {
    case broken(Int32)
    case defect(String)
  }

  private func receive(_ deadline: Int64) -> Result<FrameHeader, Trouble> {
    guard let start = unsafe answer.baseAddress else { return .failure(.broken(-ENOMEM)) }
    // Most answers are there at once, whole.
    let begun = unsafe read(start, atLeast: FrameHeader.size, atMost: Self.answerRoom, deadline)
    guard begun >= FrameHeader.size else { return .failure(.broken(Int32(truncatingIfNeeded: begun))) }
    let header = unsafe start.load(as: FrameHeader.self)
    guard header.magic == FrameHeader.magic, header.length >= UInt64(FrameHeader.size),
      header.length <= UInt64(FrameLimit.bytes),
      header.kind == FrameHeader.Kind.answer.rawValue || header.kind == FrameHeader.Kind.unable.rawValue
    else { return .failure(.defect("a frame of kind \(header.kind) and \(header.length) bytes")) }
    let length = Int(header.length)
    guard begun <= length else { return .failure(.defect("\(begun) bytes in a frame of \(length)")) }
    makeRoom(length, keeping: begun)
    guard begun < length else { return .success(header) }
    guard let whole = unsafe answer.baseAddress else { return .failure(.broken(-ENOMEM)) }
    let rest = length - begun
    let result = unsafe read(whole + begun, atLeast: rest, atMost: rest, deadline)
    return result == rest ? .success(header) : .failure(.broken(Int32(truncatingIfNeeded: result)))
  }

  /// One large answer does not keep its memory for good.
  private func makeRoom(_ length: Int, keeping begun: Int) {
    guard unsafe length > answer.count || (answer.count > 32 << 20 && length <= Self.answerRoom) else { return }
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(length, Self.answerRoom), alignment: 16)
    unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: answer[..<begun]))
    unsafe answer.deallocate()
    unsafe answer = unsafe larger
  }

  /// Returns how many bytes came, or a negative error.
  private func read(
    _ start: UnsafeMutableRawPointer, atLeast least: Int, atMost room: Int, _ deadline: Int64
  ) -> Int {
    let (channel, pipe) = unsafe (host.channel, host.log)
    var logged = logged
    defer { self.logged = logged }
    return unsafe log.withUnsafeMutableBufferPointer { log in
      guard let text = log.baseAddress else { return Int(-ENOMEM) }
      return unsafe Int(
        reeve_channel_receive(
          channel, start, UInt64(least), UInt64(room), deadline, pipe, text, UInt64(log.count), &logged))
    }
  }

  /// What has been written to standard output and error since it was asked for last, line by line. What a call wrote was
  /// there before its answer, and has come with it.
  func takeLog() -> [String] {
    guard logged > 0 else { return [] }
    defer { logged = 0 }
    let text = String(decoding: log.prefix(Int(logged)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return text.split(separator: "\n").map(String.init)
  }

  private func drainLog() {
    let pipe = unsafe host.log
    var logged = logged
    unsafe log.withUnsafeMutableBufferPointer { log in
      guard let text = log.baseAddress else { return }
      unsafe reeve_log_drain(pipe, text, UInt64(log.count), &logged)
    }
    self.logged = logged
  }

  // MARK: The end

  private func failed(_ result: Int32, _ limit: Duration) -> HostEnding {
    switch result {
    case -ETIMEDOUT: end(.timedOut(limit))
    case -EPIPE: end(nil)
    default: end(.nonsense("the channel to it broke: \(SystemError.text(-result))"))
    }
  }

  /// Ends the process. nil: it has ended by itself, and its status says how.
  private func end(_ cause: HostEnding.Cause?) -> HostEnding {
    isOver = true
    let status = unsafe reeve_host_end(&host)
    drainLog()
    let page = unsafe host.page.map { unsafe reeve_breadcrumb_read($0) } ?? reeve_breadcrumb()
    let said = lastWords()
    return cause.map { HostEnding($0, page: page, said: said) }
      ?? HostEnding(status: status, page: page, said: said)
  }

  /// The end of what it wrote: of a Swift plugin that was not optimized, the reason of its trap.
  private func lastWords() -> String {
    let bytes = log[max(0, Int(logged) - 500)..<Int(logged)].map { UInt8(bitPattern: $0) }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").suffix(3)
    return PluginLogLine.printable(lines.joined(separator: "; "))
  }
}

/// The page that a host process shares with this one; used only while the process object is.
@safe private struct Page: @unchecked Sendable {
  private let page: UnsafeMutablePointer<reeve_breadcrumb>?

  init(_ page: UnsafeMutablePointer<reeve_breadcrumb>?) { unsafe self.page = unsafe page }

  func cancel(_ isCancelled: Bool) {
    guard let page = unsafe page else { return }
    unsafe reeve_breadcrumb_cancel(page, isCancelled ? 1 : 0)
  }
}
