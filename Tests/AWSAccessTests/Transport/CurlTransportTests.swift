import AWSWire
import CCurl
import Testing

@testable import AWSAccess

@Suite("The libcurl transport")
struct CurlTransportTests {
  private func transport(
    maximumBytes: Int = 1 << 20, maximumTransfers: Int = 8, proxies: ProxySettings = .none
  ) throws -> CurlTransport {
    try CurlTransport(
      settings: CurlSettings(
        connectTimeout: .seconds(2), maximumResponseBytes: maximumBytes, maximumTransfers: maximumTransfers,
        certificateAuthorities: nil, proxies: proxies, userAgent: "reeve-tests"))
  }

  private func request(_ path: String, on server: LoopbackServer, body: String = "", method: String = "POST")
    -> HTTPRequest
  {
    HTTPRequest(method: method, scheme: "http", authority: server.authority, path: path, body: Array(body.utf8))
  }

  private func failure(of work: () async throws(TransportError) -> HTTPResponse) async -> TransportError? {
    do throws(TransportError) {
      _ = try await work()
      return nil
    } catch {
      return error
    }
  }

  @Test("A body goes there and back, and one connection serves request after request")
  func keepAlive() async throws {
    let server = try LoopbackServer()
    let transport = try transport()
    for number in 0..<10 {
      let response = try await transport.send(
        request("/echo", on: server, body: "body \(number)"), timeout: .seconds(10))
      #expect(response.status == 200)
      #expect(String(decoding: response.body, as: UTF8.self) == "body \(number)")
    }
    // Under load the next request can be under way before the last connection is back in the pool; ten it never takes.
    #expect((1...2).contains(server.connections))
    #expect(server.seen.count == 10)
  }

  @Test("A request that must not be repeated silently gets a connection of its own")
  func freshConnection() async throws {
    let server = try LoopbackServer()
    let transport = try transport()
    var request = request("/echo", on: server, body: "x")
    _ = try await transport.send(request, timeout: .seconds(10))
    request.needsFreshConnection = true
    _ = try await transport.send(request, timeout: .seconds(10))
    #expect(server.connections == 2)
  }

  @Test("GET, PUT without a body, error statuses and headers arrive as they are")
  func methods() async throws {
    let server = try LoopbackServer()
    let transport = try transport()
    let get = try await transport.send(request("/nothing", on: server, method: "GET"), timeout: .seconds(10))
    let put = try await transport.send(request("/echo", on: server, method: "PUT"), timeout: .seconds(10))
    let busy = try await transport.send(request("/unavailable", on: server), timeout: .seconds(10))
    #expect(get.status == 404)
    #expect(put.status == 200)
    #expect(busy.status == 503)
    #expect(busy.headers["retry-after"] == "7")
    #expect(server.seen.map(\.method) == ["GET", "PUT", "POST"])
  }

  @Test("A truncated body, a redirect and an oversized body are errors, and the next request works")
  func badAnswers() async throws {
    let server = try LoopbackServer()
    let transport = try transport(maximumBytes: 50_000)
    let expectations: [(path: String, kind: TransportError.Kind)] = [
      ("/truncated", .reset), ("/redirect", .malformed), ("/large", .tooLarge),
    ]
    for (path, kind) in expectations {
      let error = await failure { () async throws(TransportError) in
        try await transport.send(request(path, on: server), timeout: .seconds(10))
      }
      #expect(error?.kind == kind, "\(path)")
      #expect(error?.message.contains(server.authority) == true, "\(path)")
    }
    let after = try await transport.send(request("/echo", on: server, body: "still here"), timeout: .seconds(10))
    #expect(String(decoding: after.body, as: UTF8.self) == "still here")
  }

  @Test("A server that does not answer times out after the call's own time")
  func timeout() async throws {
    let server = try LoopbackServer()
    let transport = try transport()
    let error = await failure { () async throws(TransportError) in
      try await transport.send(request("/hang", on: server), timeout: .milliseconds(150))
    }
    #expect(error?.kind == .timedOut)
    #expect(error?.message.contains("150ms") == true)
    server.stop()
  }

  @Test("A closed port refuses, an unknown name does not resolve")
  func refused() async throws {
    let server = try LoopbackServer()
    let authority = server.authority
    server.stop()
    let transport = try transport()
    for (authority, kind) in [(authority, TransportError.Kind.connectFailed), ("nowhere.invalid", .unresolved)] {
      let error = await failure { () async throws(TransportError) in
        try await transport.send(HTTPRequest(scheme: "http", authority: authority), timeout: .seconds(10))
      }
      #expect(error?.kind == kind)
    }
  }

  @Test("A server that does not speak TLS, or an authority file that is none, sends nothing")
  func noTLS() async throws {
    let server = try LoopbackServer()
    let plain = try transport()
    let request = HTTPRequest(scheme: "https", authority: server.authority, path: "/echo")
    let spoken = await failure { () async throws(TransportError) in
      try await plain.send(request, timeout: .seconds(10))
    }
    #expect(spoken?.kind == .connectFailed)
    let settings = CurlSettings.standard(
      certificateAuthorities: "/nowhere/ca.pem", proxies: .none, userAgent: "reeve-tests")
    let bundle = try CurlTransport(settings: settings)
    let missing = await failure { () async throws(TransportError) in
      try await bundle.send(request, timeout: .seconds(10))
    }
    #expect(missing?.kind == .tls)
    #expect(missing?.message.contains("AWS_CA_BUNDLE") == true)
    #expect(server.seen.isEmpty)
  }

  @Test("Cancelling the task ends the transfer, before it starts or while it hangs")
  func cancellation() async throws {
    let server = try LoopbackServer()
    let transport = try transport()
    let hanging = request("/hang", on: server)
    let kinds = await withTaskGroup(of: TransportError?.self) { group in
      group.addTask {
        do throws(TransportError) {
          _ = try await transport.send(hanging, timeout: .seconds(60))
          return nil
        } catch {
          return error
        }
      }
      await server.somebodyHangs()
      group.cancelAll()
      group.addTask {
        do throws(TransportError) {
          _ = try await transport.send(hanging, timeout: .seconds(60))
          return nil
        } catch {
          return error
        }
      }
      var kinds: [TransportError.Kind?] = []
      for await error in group { kinds.append(error?.kind) }
      return kinds
    }
    #expect(kinds == [.cancelled, .cancelled])
    server.stop()
  }

  @Test("No more connections than allowed, however many requests are made at once")
  func bounded() async throws {
    let server = try LoopbackServer()
    let transport = try transport(maximumTransfers: 4)
    let echo = request("/echo", on: server, body: "x")
    let statuses = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<60 {
        group.addTask {
          do throws(TransportError) {
            return try await transport.send(echo, timeout: .seconds(20)).status
          } catch {
            return -1
          }
        }
      }
      return await group.reduce(into: [Int]()) { $0.append($1) }
    }
    #expect(statuses == Array(repeating: 200, count: 60))
    #expect(server.connections <= 4)
    #expect(server.mostInFlight <= 4)
  }

  @Test("Line breaks in a header, credentials in an address and foreign schemes are not sent")
  func refusedRequests() async throws {
    let server = try LoopbackServer()
    let transport = try transport()
    var injected = request("/echo", on: server)
    injected.headers.add("X-A", "1\r\nX-B: 2")
    let requests = [
      injected, HTTPRequest(scheme: "file", authority: "", path: "/etc/passwd"),
      HTTPRequest(scheme: "http", authority: "user:secret@\(server.authority)"),
      HTTPRequest(method: "DELETE", scheme: "http", authority: server.authority),
    ]
    for request in requests {
      let error = await failure { () async throws(TransportError) in
        try await transport.send(request, timeout: .seconds(10))
      }
      #expect(error?.kind == .connectFailed)
    }
    #expect(server.seen.isEmpty)
  }

  @Test("A transport that is released ends its thread and leaves nobody waiting")
  func release() async throws {
    let server = try LoopbackServer()
    for _ in 0..<20 {
      let response = try await transport().send(request("/echo", on: server), timeout: .seconds(10))
      #expect(response.status == 200)
    }
  }

  @Test("The proxy that is given is used, except for addresses that hand out credentials")
  func proxy() async throws {
    let server = try LoopbackServer()
    let closed = ProxySettings(https: nil, http: "http://user:hunter2@127.0.0.1:1", exempt: nil)
    let transport = try transport(proxies: closed)
    let error = await failure { () async throws(TransportError) in
      try await transport.send(HTTPRequest(scheme: "http", authority: "example.invalid"), timeout: .seconds(10))
    }
    #expect(error?.kind == .connectFailed)
    #expect(error?.message.contains("hunter2") == false)
    #expect(!"\(closed)".contains("hunter2"))
    let local = try await transport.send(request("/echo", on: server), timeout: .seconds(10))
    #expect(local.status == 200)
  }

  @Test("What never left is told from what may have arrived")
  func failureKinds() {
    let table: [(CURLcode, Int, TransportError.Kind)] = [
      (CURLE_COULDNT_RESOLVE_HOST, 0, .unresolved), (CURLE_COULDNT_CONNECT, 0, .connectFailed),
      (CURLE_OPERATION_TIMEDOUT, 0, .connectTimedOut), (CURLE_OPERATION_TIMEDOUT, 120, .timedOut),
      (CURLE_PEER_FAILED_VERIFICATION, 0, .tls), (CURLE_SSL_CONNECT_ERROR, 0, .connectFailed),
      (CURLE_GOT_NOTHING, 120, .reset), (CURLE_RECV_ERROR, 120, .reset), (CURLE_SEND_ERROR, 0, .connectFailed),
      (CURLE_PARTIAL_FILE, 120, .reset), (CURLE_WEIRD_SERVER_REPLY, 120, .malformed),
    ]
    for (code, sent, kind) in table {
      #expect(CurlFailure.kind(code, requestBytesSent: sent) == kind, "\(code) after \(sent) bytes")
    }
  }
}
