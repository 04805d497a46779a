import ForeignShareLogic
import ReevePluginKit

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func reeve_plugin_entry_v1(_ hello: UnsafePointer<reeve_hello>) -> UnsafePointer<reeve_plugin>? {
  exportPlugin(id: "reeve.foreign-share", version: "1.0.0", checks: [ForeignShare.self])
}
