// ReevePluginKit
