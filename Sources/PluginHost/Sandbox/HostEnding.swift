import CSandbox
import Glibc
import Governance

/// How a host process ended that should not have, and where its plugin was.
struct HostEnding: Error, Sendable, Equatable {
  enum Cause: Sendable, Equatable {
    case exited(status: Int32)
    case signalled(Int32)
    /// A system call that ends the process.
    case forbidden(systemCall: String)
    case outOfMemory(signal: Int32)
    /// It did not answer in time and was ended.
    case timedOut(Duration)
    /// What it sent is no answer; it was ended.
    case nonsense(String)
  }

  var cause: Cause
  /// Of the batch; nil: it is not known.
  var resource: Int?
  /// Index in the descriptor; nil: it is not known.
  var check: Int?
  /// Did the plugin say itself where it is?
  var isCertain: Bool
  /// From the signal until now; nil: there was none.
  var noticed: Duration?
  /// The last that it wrote to its standard output or error.
  var said: String

  /// From the status of wait(2) and the page that the process left behind.
  init(status: Int32, page: reeve_breadcrumb, said: String) {
    let cause: Cause
    if page.system_call != 0 {
      cause = .forbidden(systemCall: Self.name(ofSystemCall: page.system_call - 1))
    } else if status & 0x7F == SIGSYS {
      // Without a mark: signals were blocked, as the C library does around the start of a thread.
      cause = .forbidden(systemCall: "clone")
    } else if status & 0x7F == 0 {
      cause = .exited(status: status >> 8 & 0xFF)
    } else if page.memory_gone != 0, page.signal != 0 {
      cause = .outOfMemory(signal: status & 0x7F)
    } else {
      cause = .signalled(status & 0x7F)
    }
    self.init(cause, page: page, said: said)
  }

  init(_ cause: Cause, page: reeve_breadcrumb, said: String) {
    self.cause = cause
    self.said = said
    if page.signal != 0, page.at != 0 { noticed = .nanoseconds(max(0, reeve_monotonic() - page.at)) }
    // One that went on while nonsense was read is somewhere else by now.
    if case .nonsense = cause { isCertain = false } else { isCertain = page.resource != REEVE_NOWHERE }
    let next = page.last_emitted == REEVE_NOWHERE ? nil : Int(page.last_emitted) + 1
    resource = page.resource != REEVE_NOWHERE ? Int(page.resource) : next
    check = page.check == REEVE_NOWHERE ? nil : Int(page.check)
  }

  private static func name(ofSystemCall number: UInt32) -> String {
    unsafe reeve_system_call_name(number).map { unsafe String(cString: $0) } ?? "system call \(number)"
  }

  var code: String {
    switch cause {
    case .exited, .signalled: "PluginCrashed"
    case .forbidden: "PluginForbidden"
    case .outOfMemory: "PluginOutOfMemory"
    case .timedOut: "PluginTimedOut"
    case .nonsense: "PluginBadData"
    }
  }

  /// What it did, as the end of "version 1.0.0 …".
  func message(memoryLimit: Int) -> String {
    let what =
      switch cause {
      case .exited(let status): "ended its process with status \(status)"
      case .signalled(let signal): "crashed with \(SystemError.signal(signal))"
      case .forbidden(let name): Self.blame(name)
      case .outOfMemory: "used up its memory of \(memoryLimit >> 20) MiB"
      case .timedOut(let limit): "did not return within \(limit.brief) and was ended"
      case .nonsense(let what): "sent what is no answer: \(what)"
      }
    return said.isEmpty ? what : "\(what); the last it wrote was \"\(said)\""
  }

  private static func blame(_ name: String) -> String {
    switch name {
    case "clone", "clone3", "fork", "vfork", "execve", "execveat":
      "started a thread or process (\(name)); likely causes: `Task {`, `Task.detached`, `Task.sleep`, `MainActor`, "
        + "`pthread_create`"
    case "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_open", "pidfd_getfd", "kcmp", "process_madvise":
      "reached for another process (\(name))"
    case "kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal":
      "sent a signal to another process (\(name))"
    case _ where name.hasPrefix("sock") || name.hasPrefix("send") || name.hasPrefix("recv") || name.hasPrefix("accept"),
      "connect", "bind", "listen":
      "used the network (\(name)); a plugin emits requests, and reeve makes the calls"
    default: "made a system call that plugins may not make (\(name))"
    }
  }
}
