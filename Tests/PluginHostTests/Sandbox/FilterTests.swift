import CSandbox
import Foundation
import Testing

@Suite struct FilterTests {
  enum Machine: UInt32, CaseIterable, Sendable {
    case intel = 0
    case arm = 1

    /// AUDIT_ARCH_….
    var audit: UInt32 { self == .intel ? 0xC000_003E : 0xC000_00B7 }
  }

  private static let process: Int32 = 4_711

  private func decide(
    _ machine: Machine, _ stage: UInt32, _ number: Int32, _ arguments: [UInt64] = [0, 0, 0, 0, 0, 0],
    audit: UInt32? = nil
  ) -> UInt32 {
    unsafe reeve_filter_decide(
      machine.rawValue, stage, Self.process, audit ?? machine.audit, UInt32(bitPattern: number), arguments)
  }

  /// A line of the table.
  struct Line {
    var name: String
    var intel: Int32
    var arm: Int32
    var loading: UInt32
    var running: UInt32

    func number(on machine: Machine) -> Int32 { machine == .intel ? intel : arm }
  }

  private static var table: [Line] {
    var lines: [Line] = []
    for index in UInt32(0)... {
      let call = unsafe reeve_system_call_at(index)
      guard let name = unsafe call.name else { break }
      lines.append(
        Line(
          name: unsafe String(cString: name), intel: unsafe call.x86_64, arm: unsafe call.arm64,
          loading: UInt32(unsafe call.loading), running: UInt32(unsafe call.running)))
    }
    return lines
  }

  @Test("Each line of the table is what the filter does, in both stages, on both machines", arguments: Machine.allCases)
  func table(machine: Machine) {
    var checked = 0
    for line in Self.table where line.number(on: machine) >= 0 {
      checked += 1
      let number = line.number(on: machine)
      #expect(decide(machine, REEVE_STAGE_LOADING, number) == line.loading, "\(line.name)")
      #expect(decide(machine, REEVE_STAGE_RUNNING, number) == line.running, "\(line.name)")
    }
    #expect(checked > 150)
    #expect(reeve_filter_length(machine.rawValue, REEVE_STAGE_RUNNING) < 1_000)
  }

  @Test("What is not in the table is refused; another machine's calls end the process", arguments: Machine.allCases)
  func others(machine: Machine) {
    #expect(decide(machine, REEVE_STAGE_LOADING, 4_000) == REEVE_DECISION_REFUSE)
    #expect(decide(machine, REEVE_STAGE_RUNNING, 4_000) == REEVE_DECISION_REFUSE)
    #expect(decide(machine, REEVE_STAGE_RUNNING, 0, audit: 0x4000_0003) == REEVE_DECISION_KILL)
    let other: Machine = machine == .intel ? .arm : .intel
    #expect(decide(machine, REEVE_STAGE_RUNNING, 0, audit: other.audit) == REEVE_DECISION_KILL)
    #expect(decide(machine, REEVE_STAGE_RUNNING, 0x4000_0000) == REEVE_DECISION_KILL)
  }

  struct Judged: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var intel: Int32
    var arm: Int32
    var arguments: [UInt64]
    var loading: UInt32
    var running: UInt32
  }

  private static let allow = REEVE_DECISION_ALLOW
  private static let refuse = REEVE_DECISION_REFUSE

  @Test(
    "Calls whose arguments count",
    arguments: [
      Judged(
        testDescription: "mmap, data", intel: 9, arm: 222, arguments: [0, 4_096, 3, 0x22, 0, 0], loading: 0,
        running: 0),
      Judged(
        testDescription: "mmap, code", intel: 9, arm: 222, arguments: [0, 4_096, 5, 2, 4, 0], loading: 0, running: 1),
      Judged(
        testDescription: "mprotect, data", intel: 10, arm: 226, arguments: [0, 4_096, 1, 0, 0, 0], loading: 0,
        running: 0),
      Judged(
        testDescription: "mprotect, code", intel: 10, arm: 226, arguments: [0, 4_096, 7, 0, 0, 0], loading: 1,
        running: 1),
      Judged(
        testDescription: "pkey_mprotect, code", intel: 329, arm: 288, arguments: [0, 4_096, 4, 0, 0, 0], loading: 1,
        running: 1),
      Judged(
        testDescription: "tgkill, itself", intel: 234, arm: 131, arguments: [4_711, 4_711, 6, 0, 0, 0], loading: 0,
        running: 0),
      Judged(
        testDescription: "tgkill, another", intel: 234, arm: 131, arguments: [1, 1, 9, 0, 0, 0], loading: 2,
        running: 2),
      Judged(
        testDescription: "prlimit64, its own to read", intel: 302, arm: 261,
        arguments: [0, 7, 0, 0x7FFF_0000_0000, 0, 0], loading: 0, running: 0),
      Judged(
        testDescription: "prlimit64, its own to set", intel: 302, arm: 261,
        arguments: [0, 7, 0x7FFF_0000_0000, 0, 0, 0], loading: 1, running: 1),
      Judged(
        testDescription: "prlimit64, another's", intel: 302, arm: 261, arguments: [1, 7, 0, 0, 0, 0], loading: 1,
        running: 1),
      Judged(
        testDescription: "getrlimit", intel: 97, arm: 163, arguments: [7, 0, 0, 0, 0, 0], loading: 0, running: 0),
    ], Machine.allCases)
  func judged(call: Judged, machine: Machine) {
    let number = machine == .intel ? call.intel : call.arm
    #expect(decide(machine, REEVE_STAGE_LOADING, number, call.arguments) == call.loading)
    #expect(decide(machine, REEVE_STAGE_RUNNING, number, call.arguments) == call.running)
  }

  @Test("What a sandbox is for is on no machine allowed in any stage")
  func never() {
    let never = [
      "clone", "clone3", "fork", "vfork", "execve", "execveat", "socket", "connect", "ptrace", "process_vm_readv",
      "kill", "tkill", "bpf", "io_uring_setup", "mount", "unshare", "setns", "memfd_create", "openat2", "mkdirat",
      "unlinkat", "renameat2", "nanosleep", "clock_nanosleep",
    ]
    let lines = Self.table.filter { never.contains($0.name) }
    #expect(Set(lines.map(\.name)) == Set(never))
    for line in lines { #expect(line.loading != Self.allow && line.running != Self.allow, "\(line.name)") }
    // And once a plugin runs, nothing is opened at all.
    for line in Self.table where ["open", "openat", "stat", "newfstatat", "readlinkat"].contains(line.name) {
      #expect(line.running == Self.refuse, "\(line.name)")
    }
  }

  /// arm64 has the generic table, which the kernel's headers carry on every machine. They are read where they lie for the
  /// compiler: the C library's headers, without which no Swift program is compiled, include these.
  @Test("The numbers are those of the kernel's headers, for arm64 as for this machine")
  func numbers() throws {
    let generic = try Self.numbers(in: "/usr/include/asm-generic/unistd.h")
    var checked = 0
    for line in Self.table where line.arm >= 0 {
      guard let number = generic[line.name == "newfstatat" ? "fstatat" : line.name] else { continue }
      checked += 1
      #expect(line.arm == number, "\(line.name)")
    }
    #expect(checked > 140)
    #if arch(x86_64)
      // Distributions of several architectures have a folder for each.
      let folders = ["/usr/include/x86_64-linux-gnu/asm", "/usr/include/asm"]
      let folder = try #require(folders.first { FileManager.default.fileExists(atPath: $0 + "/unistd_64.h") })
      let own = try Self.numbers(in: folder + "/unistd_64.h")
      for line in Self.table where line.intel >= 0 {
        if let number = own[line.name] { #expect(line.intel == number, "\(line.name)") }
      }
    #endif
  }

  /// `#define __NR_name 42`.
  private static func numbers(in path: String) throws -> [String: Int32] {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    var numbers: [String: Int32] = [:]
    for line in text.split(separator: "\n") where line.hasPrefix("#define __NR") {
      let words = line.split(separator: " ", omittingEmptySubsequences: true).flatMap { $0.split(separator: "\t") }
      guard words.count >= 3, let number = Int32(words[2]) else { continue }
      let name = words[1].replacingOccurrences(of: "__NR3264_", with: "").replacingOccurrences(of: "__NR_", with: "")
      numbers[name] = number
    }
    return numbers
  }
}
