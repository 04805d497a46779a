/// An instant: nanoseconds since 1970-01-01T00:00:00Z. Calendar arithmetic is the proleptic Gregorian one, in UTC.
package struct Timestamp: Hashable, Comparable, Sendable {
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
  package init(seconds: Int64) { nanoseconds = seconds * 1_000_000_000 }

  package var seconds: Int64 { nanoseconds.flooredDivision(by: 1_000_000_000) }

  package static func < (left: Timestamp, right: Timestamp) -> Bool { left.nanoseconds < right.nanoseconds }
  package static func + (time: Timestamp, duration: Duration) -> Timestamp {
    Timestamp(nanoseconds: time.nanoseconds + duration.nanoseconds)
  }
  package static func - (time: Timestamp, duration: Duration) -> Timestamp {
    Timestamp(nanoseconds: time.nanoseconds - duration.nanoseconds)
  }
  package static func - (left: Timestamp, right: Timestamp) -> Duration {
    .nanoseconds(left.nanoseconds - right.nanoseconds)
  }

  /// `2026-11-23T10:00:00Z`
  package var iso8601: String { calendar.text(separators: true, milliseconds: nil) }
  /// `2026-11-23T10:00:00.000Z`, as EC2 prints creation dates.
  package var iso8601Milliseconds: String {
    calendar.text(separators: true, milliseconds: (nanoseconds - seconds * 1_000_000_000) / 1_000_000)
  }
  /// `20261123T100000Z`, as signatures carry it.
  package var basic: String { calendar.text(separators: false, milliseconds: nil) }
  /// `20261123`
  package var basicDate: String { String(basic.prefix(8)) }

  private var calendar: Calendar { Calendar(seconds: seconds) }

  /// Reads `2026-11-23T10:00:00Z`, with or without a fraction, with `Z` or an offset, the basic form
  /// `20261123T100000Z`, and a bare date.
  package init?(iso8601 text: String) {
    if let time = Self.basic(text) {
      self = time
      return
    }
    let isDate: (Substring) -> Bool = { $0.allSatisfy { $0.isASCII && ($0.isNumber || $0 == "-") } }
    let parts = text.split(separator: "T", maxSplits: 1)
    guard let date = parts.first, isDate(date) else { return nil }
    let days = date.filter { $0 != "-" }
    guard days.count == 8, let year = Int64(days.prefix(4)), let month = Int64(days.dropFirst(4).prefix(2)),
      let day = Int64(days.suffix(2)), (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    var seconds = Calendar.days(year: year, month: month, day: day) * 86_400
    var fraction: Int64 = 0
    if parts.count == 2 {
      var rest = parts[1]
      if rest.hasSuffix("Z") {
        rest = rest.dropLast()
      } else if let sign = rest.lastIndex(where: { $0 == "+" || $0 == "-" }) {
        let offset = rest[rest.index(after: sign)...].filter { $0 != ":" }
        guard offset.count == 4, let hours = Int64(offset.prefix(2)), let minutes = Int64(offset.suffix(2)) else {
          return nil
        }
        seconds -= (rest[sign] == "-" ? -1 : 1) * (hours * 3_600 + minutes * 60)
        rest = rest[..<sign]
      }
      let clock = rest.split(separator: ".", maxSplits: 1)
      guard let time = clock.first?.filter({ $0 != ":" }), time.count == 6, let hour = Int64(time.prefix(2)),
        let minute = Int64(time.dropFirst(2).prefix(2)), let second = Int64(time.suffix(2)), hour < 24, minute < 60,
        second < 61
      else { return nil }
      seconds += hour * 3_600 + minute * 60 + second
      if clock.count == 2 {
        let digits = (clock[1] + "000000000").prefix(9)
        guard let value = Int64(digits) else { return nil }
        fraction = value
      }
    }
    // The text can come from the network: a year that nanoseconds cannot count (from 2262 on) is no time, and no crash.
    let (nanoseconds, tooFar) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflow) = nanoseconds.addingReportingOverflow(fraction)
    guard !tooFar, !overflow else { return nil }
    self.init(nanoseconds: sum)
  }

  /// `20261123T100000Z`, which every signature carries; nil for any other form.
  private static func basic(_ text: String) -> Timestamp? {
    guard text.utf8.count == 16 else { return nil }
    var numbers: (Int64, Int64, Int64, Int64, Int64, Int64) = (0, 0, 0, 0, 0, 0)
    for (position, byte) in text.utf8.enumerated() {
      switch (position, byte) {
      case (8, UInt8(ascii: "T")), (15, UInt8(ascii: "Z")): continue
      case (8, _), (15, _): return nil
      case (_, UInt8(ascii: "0")...UInt8(ascii: "9")): break
      default: return nil
      }
      let digit = Int64(byte - UInt8(ascii: "0"))
      switch position {
      case 0..<4: numbers.0 = numbers.0 * 10 + digit
      case 4..<6: numbers.1 = numbers.1 * 10 + digit
      case 6..<8: numbers.2 = numbers.2 * 10 + digit
      case 9..<11: numbers.3 = numbers.3 * 10 + digit
      case 11..<13: numbers.4 = numbers.4 * 10 + digit
      default: numbers.5 = numbers.5 * 10 + digit
      }
    }
    let (year, month, day, hour, minute, second) = numbers
    guard (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61,
      // Years beyond these are for the longer way, which knows what nanoseconds can count.
      (1970..<2262).contains(year)
    else { return nil }
    return Timestamp(
      seconds: Calendar.days(year: year, month: month, day: day) * 86_400 + hour * 3_600 + minute * 60 + second)
  }

  private struct Calendar {
    var year: Int64, month: Int64, day: Int64, secondOfDay: Int64

    /// Days since the epoch ↔ date, by eras of 400 years that begin on 1 March.
    init(seconds: Int64) {
      let days = seconds.flooredDivision(by: 86_400)
      secondOfDay = seconds - days * 86_400
      let shifted = days + 719_468
      let era = shifted.flooredDivision(by: 146_097)
      let dayOfEra = shifted - era * 146_097
      let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
      let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
      let marchMonth = (5 * dayOfYear + 2) / 153
      day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
      month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
      year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
      let marchYear = month <= 2 ? year - 1 : year
      let era = marchYear.flooredDivision(by: 400)
      let yearOfEra = marchYear - era * 400
      let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
      return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The years that nanoseconds can count have four digits.
    func text(separators: Bool, milliseconds: Int64?) -> String {
      unsafe String(unsafeUninitializedCapacity: 24) { buffer in
        var length = 0
        func put(_ value: Int64, width: Int) {
          var rest = value
          for position in stride(from: length + width - 1, through: length, by: -1) {
            unsafe buffer[position] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
          }
          length += width
        }
        func put(_ mark: Unicode.Scalar, if isWanted: Bool = true) {
          guard isWanted else { return }
          unsafe buffer[length] = UInt8(ascii: mark)
          length += 1
        }
        put(year, width: 4)
        put("-", if: separators)
        put(month, width: 2)
        put("-", if: separators)
        put(day, width: 2)
        put("T")
        put(secondOfDay / 3_600, width: 2)
        put(":", if: separators)
        put(secondOfDay / 60 % 60, width: 2)
        put(":", if: separators)
        put(secondOfDay % 60, width: 2)
        if let milliseconds {
          put(".")
          put(milliseconds, width: 3)
        }
        put("Z")
        return length
      }
    }
  }
}

extension Duration {
  package var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
  package var inSeconds: Double { Double(nanoseconds) / 1e9 }

  /// Reads `15m`, `36h`, `90d`, `500ms`, `1h30m`.
  package init?(text: String) {
    var rest = Substring(text)
    var total: Int64 = 0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard let amount = Int64(digits) else { return nil }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(unit.count)
      let scale: Int64
      switch unit {
      case "ms": scale = 1_000_000
      case "s": scale = 1_000_000_000
      case "m": scale = 60_000_000_000
      case "h": scale = 3_600_000_000_000
      case "d": scale = 86_400_000_000_000
      default: return nil
      }
      let (product, overflow) = amount.multipliedReportingOverflow(by: scale)
      guard !overflow, !total.addingReportingOverflow(product).overflow else { return nil }
      total += product
    }
    self = .nanoseconds(total)
  }

  /// `2d 3h`, `4m 10s`, `1.2s`, `35ms`: the two largest units.
  package var brief: String {
    let whole = nanoseconds / 1_000_000_000
    if whole >= 86_400 { return "\(whole / 86_400)d \(whole / 3_600 % 24)h" }
    if whole >= 3_600 { return "\(whole / 3_600)h \(whole / 60 % 60)m" }
    if whole >= 60 { return "\(whole / 60)m \(whole % 60)s" }
    if whole >= 1 { return "\(whole).\(nanoseconds / 100_000_000 % 10)s" }
    return "\(nanoseconds / 1_000_000)ms"
  }
}

extension Int64 {
  func flooredDivision(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}

extension String {
  /// A number with leading zeros.
  package init(_ value: Int, width: Int) {
    let digits = String(value)
    self = String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
  }
}
