import AWSWire
import Glibc
import Testing

/// A plain socket to loopback: what it sends is exactly what it was given.
final class RawConnection {
  struct Reply {
    var status: Int
    var head: String
    var body: [UInt8]
    var text: String { String(decoding: body, as: UTF8.self) }
  }

  private let descriptor: Int32
  private var buffer: [UInt8] = []

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port)).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var timeout = timeval(tv_sec: 10, tv_usec: 0)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(result == 0, "connect: \(errno)")
  }

  deinit { close(descriptor) }

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes[sent...].withUnsafeBytes {
        unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      try #require(count > 0, "send: \(errno)")
      sent += count
    }
  }

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  func send(_ request: HTTPRequest) throws {
    let target = request.path + (request.query.isEmpty ? "" : "?" + request.query)
    var text = "\(request.method) \(target) HTTP/1.1\r\n"
    if request.headers["Host"] == nil { text += "Host: \(request.authority)\r\n" }
    for field in request.headers.fields { text += "\(field.name): \(field.value)\r\n" }
    try send(Array((text + "Content-Length: \(request.body.count)\r\n\r\n").utf8) + request.body)
  }

  private func more() throws -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = unsafe chunk.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
    try #require(count >= 0, "recv: \(errno)")
    buffer += chunk.prefix(count)
    return count > 0
  }

  /// The next response, by its Content-Length.
  func reply() throws -> Reply {
    let end = Array("\r\n\r\n".utf8)
    var head: Int?
    while head == nil {
      head = buffer.indices.first { buffer[$0...].starts(with: end) }
      if head == nil { try #require(try more(), "the connection was closed before a response") }
    }
    let position = try #require(head)
    let text = String(decoding: buffer[..<position], as: UTF8.self)
    let length =
      text.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
      .flatMap { Int($0.split(separator: " ").last ?? "") } ?? 0
    while buffer.count < position + 4 + length { try #require(try more(), "the body ended early") }
    let body = Array(buffer[(position + 4)..<(position + 4 + length)])
    buffer.removeFirst(position + 4 + length)
    return Reply(status: Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0, head: text, body: body)
  }

  var isClosed: Bool {
    get throws { try buffer.isEmpty && !more() }
  }

  /// The server lets go, with or without a word before.
  var isEnded: Bool {
    get throws {
      while try more() {}
      return true
    }
  }

  /// nil: it was closed without one.
  var status: Int? {
    get throws { try isClosed ? nil : reply().status }
  }
}
