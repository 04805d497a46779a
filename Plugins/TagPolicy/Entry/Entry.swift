import ReevePluginKit
import TagPolicyLogic

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func reeve_plugin_entry_v1(_ hello: UnsafePointer<reeve_hello>) -> UnsafePointer<reeve_plugin>? {
  exportPlugin(id: "reeve.tag-policy", version: "1.0.0", checks: [RequiredTags.self], tagger: RequiredTagsTagger.self)
}
