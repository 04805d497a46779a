import CSandbox
import Dispatch
import Synchronization

/// Starts host processes, on one thread that lives as long as this process: the kernel ends a host when the *thread*
/// that started it ends.
enum HostSpawner {
  /// What is to be started, and where the answer goes. Handed from thread to thread, used by one at a time.
  @safe private final class Order: @unchecked Sendable {
    let settings: SandboxSettings
    let library: Int32
    var host = unsafe reeve_host_process()
    var result: Int32 = 0
    let done = DispatchSemaphore(value: 0)

    init(_ settings: SandboxSettings, _ library: Int32) {
      self.settings = settings
      self.library = library
    }

    func carryOut() {
      unsafe settings.executable.withCString { executable in
        unsafe withOptionalCString(settings.libraryPath) { path in
          var options = unsafe reeve_host_options(
            executable: executable, library_path: path, library: library, layers: settings.layers,
            memory: UInt64(settings.memoryLimit))
          result = unsafe reeve_host_start(&options, &host)
        }
      }
      done.signal()
    }

    private func withOptionalCString(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Void) {
      guard let text else { return body(nil) }
      unsafe text.withCString { unsafe body($0) }
    }
  }

  private final class Queue: Sendable {
    let orders = Mutex<[Order]>([])
    let changed = DispatchSemaphore(value: 0)

    func work() {
      while true {
        changed.wait()
        let order = orders.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        order?.carryOut()
      }
    }
  }

  private static let queue: Result<Queue, ThreadStartFailure> = {
    let queue = Queue()
    do throws(ThreadStartFailure) {
      try PermanentThread.start(name: "reeve-spawner") { queue.work() }
      return .success(queue)
    } catch {
      return .failure(error)
    }
  }()

  /// `library` is the descriptor of a sealed library. Throws an error number, or that there is no thread.
  static func start(_ settings: SandboxSettings, library: Int32) throws -> reeve_host_process {
    let queue = try queue.get()
    let order = Order(settings, library)
    queue.orders.withLock { $0.append(order) }
    queue.changed.signal()
    order.done.wait()
    guard order.result == 0 else { throw HostStartFailure(executable: settings.executable, error: -order.result) }
    return unsafe order.host
  }
}

struct HostStartFailure: Error, CustomStringConvertible {
  var executable: String
  var error: Int32
  var description: String { "\(executable) cannot be started: \(SystemError.text(error))" }
}
