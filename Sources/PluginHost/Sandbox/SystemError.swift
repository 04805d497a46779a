import Glibc

/// The system's words.
enum SystemError {
  static func text(_ error: Int32) -> String { unsafe String(cString: strerror(error)) }

  /// `SIGSEGV`, with what it usually means.
  static func signal(_ number: Int32) -> String {
    switch number {
    case SIGSEGV: "SIGSEGV: it touched memory that is not its own, or that was lent to it for an earlier call"
    case SIGBUS: "SIGBUS: it touched memory that is not there"
    case SIGILL, SIGTRAP:
      "\(number == SIGILL ? "SIGILL" : "SIGTRAP"): a trap of the Swift runtime, as for an index out of range, an "
        + "overflow, or nil that was unwrapped"
    case SIGFPE: "SIGFPE: a division by zero"
    case SIGABRT: "SIGABRT: it called abort, or an exception was not caught"
    case SIGKILL: "SIGKILL: somebody else ended it, maybe the kernel for lack of memory"
    case SIGSYS: "SIGSYS: a system call of another machine's"
    case SIGXCPU: "SIGXCPU: it used up its processor time"
    case SIGPIPE: "SIGPIPE"
    case SIGTERM: "SIGTERM: somebody else ended it"
    default: "signal \(number)"
    }
  }
}
