import CReevePlugin
import Glibc
import Governance
import Synchronization

/// Takes what a plugin emits in one call.
protocol Intake: AnyObject {
  /// Throws for what breaks the contract: the call's results are void then.
  func take(_ kind: UInt32, _ items: reeve_span) throws(BadData)
}

extension Intake {
  static func notEmitted(_ kind: UInt32, by interface: String) -> BadData {
    BadData("\(interface) emitted items of kind \(kind), which it may not")
  }
}

/// For functions that emit nothing.
final class NoIntake: Intake {
  func take(_ kind: UInt32, _ items: reeve_span) throws(BadData) { throw Self.notEmitted(kind, by: "create") }
}

/// Set by whoever cancels, asked by the plugin.
final class CancellationFlag: Sendable {
  private let flag = Atomic(false)
  /// Who wants to be told at once, for as long as the call lasts.
  private let mirror = Mutex<(@Sendable () -> Void)?>(nil)

  var isSet: Bool { flag.load(ordering: .relaxed) }

  func set() {
    flag.store(true, ordering: .relaxed)
    mirror.withLock { $0?() }
  }

  /// Runs `body`; what is set before or meanwhile is passed on.
  func mirrored<Value>(by tell: @escaping @Sendable () -> Void, _ body: () -> Value) -> Value {
    mirror.withLock { $0 = tell }
    if isSet { tell() }
    defer { mirror.withLock { $0 = nil } }
    return body()
  }
}

/// One call into a plugin: what stands behind its `reeve_call`.
///
/// 1. Once the contract is broken nothing more is taken, and the call's results are void.
/// 2. Only the thread that makes the call may use it.
final class CallContext {
  private let intake: any Intake
  private let cancellation: CancellationFlag
  private let log: (PluginLogLine.Level, String) -> Void
  private let thread = pthread_self()
  private let usedElsewhere = Atomic(false)
  private var logged = 0

  private(set) var badData: BadData?
  /// The first failure that the plugin told of.
  private(set) var said: (status: reeve_status, resource: Int?, message: String)?

  private static let logLimit = 1_000

  init(intake: any Intake, cancellation: CancellationFlag, log: @escaping (PluginLogLine.Level, String) -> Void) {
    self.intake = intake
    self.cancellation = cancellation
    self.log = log
  }

  /// Makes the call. `body` gets the plugin's view of it, valid until it returns.
  func run(now: Timestamp, _ body: (UnsafeMutablePointer<reeve_call>) -> Int32) -> Int32 {
    var call = unsafe reeve_call(
      struct_size: UInt32(MemoryLayout<reeve_call>.size), reserved: 0,
      host: Unmanaged.passUnretained(self).toOpaque(), now: now.nanoseconds,
      cancelled: { call in unsafe CallContext.behind(call)?.cancelled() ?? 1 },
      emit: { call, kind, items in
        unsafe CallContext.behind(call)?.emit(kind, items) ?? REEVE_ERROR_BAD_DATA
      },
      fail: { call, status, resource, message in
        unsafe CallContext.behind(call)?.fail(status, resource, message)
      },
      log: { call, level, message in unsafe CallContext.behind(call)?.log(level, message) },
      service: { _, _ in nil })
    let status = withExtendedLifetime(self) { unsafe body(&call) }
    if usedElsewhere.load(ordering: .acquiring) {
      badData = badData ?? BadData("used its call from a thread of its own")
    }
    return status
  }

  private static func behind(_ call: UnsafeMutablePointer<reeve_call>) -> CallContext? {
    guard let host = unsafe call.pointee.host else { return nil }
    let context = unsafe Unmanaged<CallContext>.fromOpaque(host).takeUnretainedValue()
    guard pthread_equal(context.thread, pthread_self()) != 0 else {
      context.usedElsewhere.store(true, ordering: .releasing)
      return nil
    }
    return context
  }

  /// What the host found out itself.
  func condemn(_ what: BadData) { badData = badData ?? what }

  private func cancelled() -> Int32 { cancellation.isSet ? 1 : 0 }

  func emit(_ kind: UInt32, _ items: reeve_span) -> reeve_status {
    guard badData == nil else { return REEVE_ERROR_BAD_DATA }
    do {
      unsafe try intake.take(kind, items)
      return cancellation.isSet ? REEVE_ERROR_CANCELLED : REEVE_OK
    } catch {
      badData = error
      return REEVE_ERROR_BAD_DATA
    }
  }

  func fail(_ status: reeve_status, _ resource: UInt32, _ message: reeve_string) {
    guard said == nil else { return }
    said = (
      status, resource == REEVE_NO_RESOURCE ? nil : Int(resource), unsafe PluginLogLine.printable(message, limit: 4_096)
    )
  }

  func log(_ level: Int32, _ message: reeve_string) {
    logged += 1
    if logged > Self.logLimit {
      if logged == Self.logLimit + 1 {
        log(.warning, "more than \(Self.logLimit) lines in one call; the rest is left out")
      }
      return
    }
    log(PluginLogLine.Level(contract: level), unsafe PluginLogLine.printable(message, limit: 4_096))
  }
}
