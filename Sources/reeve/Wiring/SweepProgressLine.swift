import Determinism
import Governance
import Orchestrator
import Synchronization

/// Progress on a terminal, one line that is written over; quiet when there is none.
final class SweepProgressLine: SweepObserver {
  private struct State {
    var lastDrawn: Timestamp?
    var isDrawn = false
  }

  private let output: any TextOutput
  private let clock: any WorldClock
  private let started: Timestamp
  private let meter: CallMeter?
  private let state = Mutex(State())
  /// Called with every progress: a replay asks here whether it was interrupted.
  private let onProgress: @Sendable () -> Void

  init(
    output: any TextOutput, clock: any WorldClock, meter: CallMeter?, onProgress: @escaping @Sendable () -> Void = {}
  ) {
    self.output = output
    self.clock = clock
    started = clock.now
    self.meter = meter
    self.onProgress = onProgress
  }

  func sweepProgressed(_ progress: SweepProgress) {
    onProgress()
    guard let width = output.terminalWidth, meter != nil else { return }
    let now = clock.now
    state.withLock { state in
      if let last = state.lastDrawn, now - last < .milliseconds(100) { return }
      state.lastDrawn = now
      state.isDrawn = true
      output.write("\r" + String(line(progress, now).prefix(width - 1)).padded(to: width - 1))
    }
  }

  func sweepNoted(_ note: String) {
    clear()
    output.write("reeve: \(note)\n")
  }

  func clear() {
    guard let width = output.terminalWidth else { return }
    state.withLock { state in
      if state.isDrawn { output.write("\r" + String(repeating: " ", count: width - 1) + "\r") }
      state.isDrawn = false
    }
  }

  private func line(_ progress: SweepProgress, _ now: Timestamp) -> String {
    var line = "scopes \(progress.scopesDone)/\(progress.scopesKnown)"
    if progress.accountsDone < progress.accounts { line += " (accounts \(progress.accountsDone)/\(progress.accounts))" }
    line += " · failing \(progress.failingVerdicts) · gaps \(progress.gaps)"
    if let throttled = meter?.reading.throttledTime, throttled > .seconds(1) {
      line += " · throttled \(throttled.brief)"
    }
    if progress.accountsDone > 0, progress.accountsDone < progress.accounts {
      let elapsed = (now - started).nanoseconds
      let left = elapsed / Int64(progress.accountsDone) * Int64(progress.accounts - progress.accountsDone)
      line += " · about \(Duration.nanoseconds(left).brief) left"
    }
    return line
  }
}
