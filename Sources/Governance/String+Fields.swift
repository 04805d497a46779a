extension String {
  /// The parts between ASCII marks. Splitting by characters looks for their borders first, which costs ten times as much.
  package func fields(at mark: Unicode.Scalar, maxSplits: Int = .max, omittingEmpty: Bool = false) -> [String] {
    let mark = UInt8(ascii: mark)
    var text = self
    return text.withUTF8 { bytes in
      var fields: [String] = []
      var start = 0
      func take(to end: Int) {
        guard end > start || !omittingEmpty else { return }
        fields.append(unsafe String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self))
      }
      for position in bytes.indices where unsafe bytes[position] == mark && fields.count < maxSplits {
        take(to: position)
        start = position + 1
      }
      take(to: bytes.count)
      return fields
    }
  }
}
