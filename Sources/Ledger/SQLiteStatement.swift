import CSQLite
import Glibc
import Governance

/// A prepared statement, used again and again, and the row it stands on.
@safe final class SQLiteStatement {
  private let handle: OpaquePointer

  init(taking handle: OpaquePointer) { unsafe self.handle = unsafe handle }

  deinit { unsafe sqlite3_finalize(handle) }

  /// The result code of the first value that could not be bound.
  func bind(_ values: [SQLiteValue]) -> Int32 {
    for (position, value) in values.enumerated() {
      let code = bind(value, at: Int32(position + 1))
      if code != SQLITE_OK { return code }
    }
    return SQLITE_OK
  }

  private func bind(_ value: SQLiteValue, at index: Int32) -> Int32 {
    switch value {
    case .null: return unsafe sqlite3_bind_null(handle, index)
    case .integer(let number): return unsafe sqlite3_bind_int64(handle, index, number)
    case .text(var text):
      return text.withUTF8 { bytes in
        // SQLite reads a null pointer as NULL, which an empty buffer may have.
        guard let start = bytes.baseAddress, !bytes.isEmpty else {
          return unsafe reeve_sqlite_bind_text(handle, index, "", 0)
        }
        return unsafe start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
          unsafe reeve_sqlite_bind_text(handle, index, $0, UInt64(bytes.count))
        }
      }
    case .blob(let blob):
      return unsafe blob.withUnsafeBytes {
        unsafe $0.isEmpty
          ? sqlite3_bind_zeroblob(handle, index, 0)
          : reeve_sqlite_bind_blob(handle, index, $0.baseAddress, UInt64($0.count))
      }
    }
  }

  /// `SQLITE_ROW`, `SQLITE_DONE` or an error.
  func step() -> Int32 { unsafe sqlite3_step(handle) }

  /// Ends the use of this statement; its values are forgotten.
  func reset() {
    // The code repeats the error that the last step returned.
    unsafe sqlite3_reset(handle)
    unsafe sqlite3_clear_bindings(handle)
  }

  // The row. Columns count from 0.

  var columnNames: [String] {
    let count = unsafe sqlite3_column_count(handle)
    return (0..<count).map { column in
      unsafe sqlite3_column_name(handle, column).map { unsafe String(cString: $0) } ?? ""
    }
  }

  func value(_ column: Int) -> SQLiteValue {
    switch unsafe sqlite3_column_type(handle, Int32(column)) {
    case SQLITE_INTEGER: .integer(integer(column))
    case SQLITE_TEXT: .text(text(column))
    case SQLITE_BLOB: .blob(blob(column))
    default: .null
    }
  }

  func isNull(_ column: Int) -> Bool { unsafe sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL }
  func integer(_ column: Int) -> Int64 { unsafe sqlite3_column_int64(handle, Int32(column)) }
  func timestamp(_ column: Int) -> Timestamp { Timestamp(nanoseconds: integer(column)) }
  func optionalTimestamp(_ column: Int) -> Timestamp? { isNull(column) ? nil : timestamp(column) }

  func text(_ column: Int) -> String {
    guard let start = unsafe sqlite3_column_text(handle, Int32(column)) else { return "" }
    let count = Int(unsafe sqlite3_column_bytes(handle, Int32(column)))
    return unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  func blob(_ column: Int) -> [UInt8] {
    guard let start = unsafe sqlite3_column_blob(handle, Int32(column)) else { return [] }
    return unsafe Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, Int32(column)))))
  }

  /// Compares without copying.
  func blob(_ column: Int, equals bytes: [UInt8]) -> Bool {
    guard let start = unsafe sqlite3_column_blob(handle, Int32(column)) else { return bytes.isEmpty }
    let count = Int(unsafe sqlite3_column_bytes(handle, Int32(column)))
    return unsafe count == bytes.count && bytes.withUnsafeBytes { unsafe memcmp(start, $0.baseAddress ?? start, count) == 0 }
  }
}
