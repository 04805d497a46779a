import CReevePlugin

/// One batch of resources through a tagger. A resource whose tags (or whatever else it asks for) could not be read gets
/// no proposal.
@safe struct TaggerBatch {
  let call: Call
  let resources: SpanReader<reeve_resource>

  func propose(_ tagger: any Tagger) -> reeve_status {
    let arena = Arena()
    let progress = unsafe call.progress
    var operations: [reeve_tag_operation] = unsafe []
    for position in unsafe 0..<resources.count {
      if call.isCancelled { return call.cancelled() }
      if let progress = unsafe progress { unsafe progress.pointee.at(call.raw, UInt32(position), REEVE_NO_CHECK) }
      let resource = unsafe Resource(raw: resources.element(position), now: call.now)
      do {
        for operation in try tagger.propose(resource) {
          unsafe operations.append(operation.raw(resource: position, arena))
        }
      } catch let unread as UnreadAttribute {
        call.log(REEVE_LOG_INFO, "no tag operation for \(resource.type) \(resource.id): \(unread)")
      } catch {
        return call.fail(
          REEVE_ERROR_INTERNAL, resource: position, "tagger on \(resource.type) \(resource.id): \(error)")
      }
    }
    return unsafe call.emit(REEVE_EMIT_TAG_OPERATION, operations)
  }
}

extension TagOperation {
  fileprivate func raw(resource: Int, _ arena: Arena) -> reeve_tag_operation {
    var raw = unsafe reeve_tag_operation()
    unsafe raw.struct_size = UInt32(MemoryLayout<reeve_tag_operation>.size)
    unsafe raw.resource = UInt32(resource)
    switch self {
    case .set(let key, let value, let reason):
      unsafe raw.operation = REEVE_TAG_SET
      unsafe raw.key = arena.string(key)
      unsafe raw.value = arena.string(value)
      unsafe raw.reason = arena.string(reason)
    case .remove(let key, let reason):
      unsafe raw.operation = REEVE_TAG_REMOVE
      unsafe raw.key = arena.string(key)
      unsafe raw.reason = arena.string(reason)
    case .rename(let key, let newKey, let reason):
      unsafe raw.operation = REEVE_TAG_RENAME
      unsafe raw.key = arena.string(key)
      unsafe raw.new_key = arena.string(newKey)
      unsafe raw.reason = arena.string(reason)
    }
    return unsafe raw
  }
}
