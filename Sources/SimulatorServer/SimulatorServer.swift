import AWSWire
import CMicroHTTPD
package import EC2Simulator
import Glibc
import Synchronization

/// HTTP in front of a simulator: libmicrohttpd parses, the simulator answers.
///
/// Invariants:
/// 1. It listens on loopback unless it is told otherwise, and then its control endpoints need a token: settings without
///    one are refused.
/// 2. What does not parse as a request gets the HTTP library's own 4xx; what parses gets AWS's answer.
/// 3. Between `start` and `stop` the object keeps itself alive: the library's threads point to it.
package final class SimulatorServer: Sendable {
  package struct Settings: Sendable {
    /// 0: any that is free.
    package var port: UInt16
    /// An IPv4 address of this machine; 0.0.0.0 is all of them.
    package var address: String
    /// What the control endpoints ask for; they may do without on loopback only.
    package var token: String?
    package var threads: UInt32 = 2
    package var bodyLimit = 1 << 20
    package var idleSeconds: UInt32 = 30
    package var connections: UInt32 = 1_000
    /// Of one connection: its request line and headers have to fit in. The HTTP library clears it for every request.
    package var memory = 32 * 1_024

    package init(port: UInt16 = 0, address: String = "127.0.0.1", token: String? = nil) {
      self.port = port
      self.address = address
      self.token = token
    }

    package var isLoopback: Bool { address.hasPrefix("127.") }
  }

  package enum Failure: Error, Equatable, CustomStringConvertible {
    case alreadyStarted
    case needsToken(address: String)
    case cannotListen(address: String, port: UInt16, errorNumber: Int32)

    package var description: String {
      switch self {
      case .alreadyStarted: "this simulator server has been started already"
      case .needsToken(let address):
        "others can reach \(address): the control endpoints need a token there, in a file that --token-file names"
      case .cannotListen(let address, let port, let number):
        "cannot listen on \(address) port \(port) (error number \(number)): is another process on it, or is the address "
          + "none of this machine's? Choose another with --port, or 0 for any that is free"
      }
    }
  }

  /// The library's handle. It is used by one thread at a time, under the lock.
  @safe private struct Daemon: @unchecked Sendable {
    var pointer: OpaquePointer
  }

  private let simulator: Simulator
  private let settings: Settings
  private let control: ControlEndpoints
  private let daemon = Mutex<Daemon?>(nil)
  private let parked = ParkedConnections()

  package init(simulator: Simulator, settings: Settings, language: ControlEndpoints.Language) {
    self.simulator = simulator
    self.settings = settings
    control = ControlEndpoints(simulator: simulator, token: settings.token, language: language)
  }

  /// Returns once it listens, with the port.
  package func start() throws(Failure) -> Int {
    try daemon.withLock { daemon throws(Failure) in
      guard daemon == nil else { throw .alreadyStarted }
      guard settings.isLoopback || settings.token?.isEmpty == false else {
        throw .needsToken(address: settings.address)
      }
      let memory = unsafe Unmanaged.passRetained(self)
      let wanted = reeve_mhd_settings(
        port: settings.port, threads: settings.threads, connections: settings.connections,
        idle_seconds: settings.idleSeconds, memory: settings.memory)
      errno = 0
      guard
        let started = unsafe reeve_mhd_serve(
          wanted, settings.address, Self.requestLine, Self.handle, Self.completed, memory.toOpaque())
      else {
        let number = errno
        unsafe memory.release()
        throw .cannotListen(address: settings.address, port: settings.port, errorNumber: number)
      }
      daemon = unsafe Daemon(pointer: started)
      return Int(unsafe reeve_mhd_port(started))
    }
  }

  /// Waits for requests that are being answered; safe to call twice.
  package func stop() {
    let running = daemon.withLock { daemon in
      defer { daemon = nil }
      return daemon
    }
    guard let running else { return }
    parked.end()
    unsafe MHD_stop_daemon(running.pointer)
    unsafe Unmanaged.passUnretained(self).release()
  }
}

// MARK: The library's callbacks

extension SimulatorServer {
  /// The request line as it was sent; what it returns is the request's own from here on.
  private static let requestLine: reeve_mhd_line = { context, target, _ in
    guard let context = unsafe context else { return nil }
    let server = unsafe Unmanaged<SimulatorServer>.fromOpaque(context).takeUnretainedValue()
    // The library ends the target where the version begins; a NUL byte in it ends it earlier.
    let isWhole = unsafe strncmp(target + strlen(target) + 1, "HTTP/", 5) == 0
    let exchange = Exchange(
      target: isWhole ? unsafe String(cString: target) : nil, bodyLimit: server.settings.bodyLimit)
    return unsafe Unmanaged.passRetained(exchange).toOpaque()
  }

  private static let completed: MHD_RequestCompletedCallback = { _, _, request, _ in
    guard let request = unsafe request, let exchange = unsafe request.pointee else { return }
    unsafe Unmanaged<Exchange>.fromOpaque(exchange).release()
    unsafe request.pointee = nil
  }

  /// Called once with the headers, once for each piece of a body, and once more at its end.
  private static let handle: MHD_AccessHandlerCallback = {
    context, connection, _, method, _, upload, uploadSize, request in
    guard let context = unsafe context, let connection = unsafe connection, let method = unsafe method,
      let uploadSize = unsafe uploadSize, let opaque = unsafe request?.pointee
    else { return .NO }
    let server = unsafe Unmanaged<SimulatorServer>.fromOpaque(context).takeUnretainedValue()
    let exchange = unsafe Unmanaged<Exchange>.fromOpaque(opaque).takeUnretainedValue()
    guard let headers = exchange.headers else {
      let headers = unsafe SimulatorServer.headers(of: connection)
      exchange.headers = headers
      if exchange.target == nil {
        return unsafe SimulatorServer.send(Exchange.plain(400, "a NUL byte stands in the request line"), on: connection)
      }
      if let refusal = Exchange.refusal(of: headers, bodyLimit: server.settings.bodyLimit) {
        return unsafe SimulatorServer.send(refusal, on: connection)
      }
      return .YES
    }
    if unsafe uploadSize.pointee > 0 {
      if let upload = unsafe upload {
        unsafe exchange.append(UnsafeRawBufferPointer(start: upload, count: uploadSize.pointee))
      }
      unsafe uploadSize.pointee = 0
      return exchange.isHopeless ? .NO : .YES
    }
    if exchange.isTooLarge {
      return unsafe SimulatorServer.send(Exchange.tooLarge(server.settings.bodyLimit), on: connection)
    }
    let received = exchange.request(method: unsafe String(cString: method), headers: headers)
    return unsafe server.answer(received, exchange, on: connection)
  }

  /// With what the faults make of its way. A request that waits comes here again when its time has come.
  private func answer(_ request: HTTPRequest, _ exchange: Exchange, on connection: OpaquePointer) -> MHD_Result {
    guard let passage = exchange.passage else {
      if let response = control.respond(to: request) { return unsafe Self.send(response, on: connection) }
      let passage = simulator.passage(of: request)
      exchange.passage = passage
      if passage.delay > .zero { return unsafe parked.park(connection, for: passage.delay) ? .YES : .NO }
      return unsafe answer(request, exchange, on: connection)
    }
    if let response = passage.answer { return unsafe Self.send(response, on: connection) }
    if let loss = passage.loss {
      if loss.isHandled, !exchange.isLost { _ = simulator.respond(to: request, passage) }
      // The client of a time-out hears nothing until it gives up; the connection is not held for ever.
      if case .timedOut = loss, !exchange.isLost {
        exchange.isLost = true
        return unsafe parked.park(connection, for: .seconds(Int64(settings.idleSeconds))) ? .YES : .NO
      }
      return .NO
    }
    var response = simulator.respond(to: request, passage)
    if let damage = passage.damage { response.body = damage.applied(to: response.body) }
    return unsafe Self.send(response, on: connection)
  }

  private static func headers(of connection: OpaquePointer) -> HTTPHeaders {
    var headers = HTTPHeaders(reserving: 12)
    unsafe withUnsafeMutablePointer(to: &headers) { pointer in
      _ = unsafe MHD_get_connection_values(
        connection, .HEADER_KIND,
        { context, _, name, value in
          guard let context = unsafe context, let name = unsafe name else { return .YES }
          let value = unsafe value.map { unsafe String(cString: $0) } ?? ""
          unsafe context.assumingMemoryBound(to: HTTPHeaders.self).pointee.add(String(cString: name), value)
          return .YES
        }, pointer)
    }
    return headers
  }

  private static func send(_ response: HTTPResponse, on connection: OpaquePointer) -> MHD_Result {
    // An array that nobody changes keeps its elements where they are; the library gives it back when they are sent.
    let body = Body(response.body)
    let made = unsafe body.bytes.withUnsafeBytes { bytes in
      unsafe MHD_create_response_from_buffer_with_free_callback_cls(
        bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), { unsafe Body.release($0) },
        Unmanaged.passRetained(body).toOpaque())
    }
    guard let made = unsafe made else {
      unsafe Unmanaged.passUnretained(body).release()
      return .NO
    }
    for field in response.headers.fields where !HTTPHeaders.areEqual(field.name, "Content-Length") {
      _ = unsafe MHD_add_response_header(made, field.name, field.value)
    }
    let result = unsafe MHD_queue_response(connection, UInt32(response.status), made)
    unsafe MHD_destroy_response(made)
    return result
  }
}

/// Keeps an answer's bytes for as long as the library sends them.
private final class Body {
  let bytes: [UInt8]
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  static func release(_ body: UnsafeMutableRawPointer?) {
    if let body = unsafe body { unsafe Unmanaged<Body>.fromOpaque(body).release() }
  }
}
