import CReevePlugin
import CSandbox
import Glibc
import PluginFrames

/// The process that one plugin runs in: gives up everything, then loads the library, then answers calls until the
/// orchestrator closes the channel.
///
/// Arguments: the orchestrator's process, the layers to apply, bytes of address space.
@main
@safe enum PluginHostProcess {
  static func main() {
    guard let page = unsafe reeve_host_map_page(), let arguments = arguments() else { _exit(2) }
    unsafe reeve_breadcrumb_step(page, REEVE_PHASE_CONFINING)
    confine("the limits of the process", reeve_confine_process(arguments.parent, arguments.memory))
    confine("the signals of the process", unsafe reeve_confine_signals(page))
    confine("the sandbox", unsafe reeve_confine_loading(arguments.layers, getenv("LD_LIBRARY_PATH")))
    guard let requests = RequestReader() else { unable("no memory for requests") }
    unsafe reeve_breadcrumb_step(page, REEVE_PHASE_LOADING)
    guard let library = unsafe reeve_load(REEVE_HOST_LIBRARY) else {
      unable(unsafe reeve_load_error().map { unsafe String(cString: $0) } ?? "no reason given")
    }
    confine("the sandbox", reeve_confine_running(arguments.layers))
    let plugin = unsafe enter(library, requests, page)
    var loop = unsafe CallLoop(plugin: plugin, requests: requests, page: page)
    loop.run()
  }

  private static func arguments() -> (parent: Int32, layers: UInt32, memory: UInt64)? {
    let words = CommandLine.arguments
    guard words.count == 4, let parent = Int32(words[1]), let layers = UInt32(words[2]), let memory = UInt64(words[3])
    else { return nil }
    return (parent, layers, memory)
  }

  private static func confine(_ what: String, _ result: Int32) {
    guard result != 0 else { return }
    unable("\(what) cannot be set: \(unsafe String(cString: strerror(-result)))")
  }

  /// Says why there will be no plugin, and ends.
  static func unable(_ reason: String) -> Never {
    var packer = FramePacker(sharingHeaps: false)
    var text = reason
    text.withUTF8 { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { bytes in
        unsafe packer.append(
          FrameRecord(kind: FrameRecord.Kind.reason),
          line: reeve_string(bytes: bytes.baseAddress, length: UInt64(bytes.count)))
      }
    }
    var header = FrameHeader(.unable, sequence: 0)
    header.records = 1
    unsafe send(packer.finish(header))
    _exit(1)
  }

  static func send(_ frame: UnsafeRawBufferPointer) {
    guard let start = frame.baseAddress, unsafe reeve_host_send(start, UInt64(frame.count)) == 0 else { _exit(0) }
  }

  /// Calls the entry and answers with what the library says of itself.
  private static func enter(
    _ library: UnsafeMutableRawPointer, _ requests: RequestReader, _ page: UnsafeMutablePointer<reeve_breadcrumb>
  ) -> UnsafePointer<reeve_plugin> {
    unsafe reeve_breadcrumb_step(page, REEVE_PHASE_ENTRY)
    var request = requests.next()
    guard request.header.kind == FrameHeader.Kind.hello.rawValue,
      let hello = unsafe request.argument(\.first, .hello).items?.assumingMemoryBound(to: reeve_hello.self)
    else { unable("the first request is not the one that introduces") }
    guard let symbol = unsafe reeve_symbol(library, "reeve_plugin_entry_v1") else {
      unable("does not export the function reeve_plugin_entry_v1")
    }
    typealias Entry = @convention(c) (UnsafePointer<reeve_hello>) -> UnsafePointer<reeve_plugin>?
    let plugin = unsafe unsafeBitCast(symbol, to: Entry.self)(hello)
    var packer = FramePacker(sharingHeaps: false)
    var header = FrameHeader(.answer, sequence: request.header.sequence)
    if let plugin = unsafe plugin { unsafe header.records = Introduction(of: plugin).append(to: &packer) }
    requests.done()
    unsafe send(packer.finish(header))
    guard let plugin = unsafe plugin else { _exit(0) }
    return unsafe plugin
  }
}
