import CReevePlugin
import Synchronization

/// A line that a plugin logged, or that the host says about one.
package struct PluginLogLine: Sendable, Equatable {
  package enum Level: String, Sendable, CaseIterable {
    case debug, info, warning

    init(contract level: Int32) {
      switch level {
      case REEVE_LOG_DEBUG: self = .debug
      case REEVE_LOG_INFO: self = .info
      default: self = .warning
      }
    }
  }

  package var plugin: String
  package var level: Level
  /// The code of a fault that the host found (`OperationNotGranted`); nil for what the plugin said.
  package var fault: String?
  package var message: String

  package init(plugin: String, level: Level, fault: String? = nil, message: String) {
    self.plugin = plugin
    self.level = level
    self.fault = fault
    self.message = message
  }

  /// A plugin's words for a person: repaired where they are not UTF-8, without control characters (which could drive a
  /// terminal), cut off at a limit.
  static func printable(_ text: reeve_string, limit: Int) -> String {
    guard let start = unsafe text.bytes, unsafe text.length > 0 else { return "" }
    let length = Int(min(unsafe text.length, UInt64(limit)))
    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: length)
    let out = unsafe printable(String(decoding: bytes, as: UTF8.self))
    return unsafe text.length > UInt64(limit) ? out + "…" : out
  }

  /// Without what could drive a terminal.
  static func printable(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x09, 0x0A: out.unicodeScalars.append(" ")
      case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069:
        out.unicodeScalars.append("\u{FFFD}")
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}

/// What the host found plugins at fault for, in the order it was first seen. A sweep's report repeats it.
final class FaultRecord: Sendable {
  /// A plugin that is at fault once for each of a million images says it once.
  private static let limit = 200

  private let seen = Mutex<[(line: PluginLogLine, count: Int)]>([])

  func add(_ line: PluginLogLine) {
    guard line.fault != nil else { return }
    seen.withLock { seen in
      // The place differs from scope to scope; what the plugin did does not.
      let place = seen.firstIndex { $0.line.plugin == line.plugin && $0.line.fault == line.fault }
      if let place {
        seen[place].count += 1
      } else if seen.count < Self.limit {
        seen.append((line, 1))
      }
    }
  }

  var lines: [(line: PluginLogLine, count: Int)] { seen.withLock { $0 } }
}
