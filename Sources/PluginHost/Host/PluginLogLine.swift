import CReevePlugin

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
  package var message: String

  package init(plugin: String, level: Level, message: String) {
    self.plugin = plugin
    self.level = level
    self.message = message
  }

  /// A plugin's words for a person: repaired where they are not UTF-8, without control characters (which could drive a
  /// terminal), cut off at a limit.
  static func printable(_ text: reeve_string, limit: Int) -> String {
    guard let start = unsafe text.bytes, unsafe text.length > 0 else { return "" }
    let length = Int(min(unsafe text.length, UInt64(limit)))
    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: length)
    var out = ""
    for scalar in unsafe String(decoding: bytes, as: UTF8.self).unicodeScalars {
      switch scalar.value {
      case 0x09, 0x0A: out.unicodeScalars.append(" ")
      case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069:
        out.unicodeScalars.append("\u{FFFD}")
      default: out.unicodeScalars.append(scalar)
      }
    }
    return unsafe text.length > UInt64(limit) ? out + "…" : out
  }
}
