/// Every kind of module, in the order in which people are told of them.
package let moduleCatalog: [any Module.Type] = [
  Packages.self, HostnameModule.self, LocaleModule.self, TimezoneModule.self, KeyboardModule.self,
  UsersModule.self, SystemdModule.self, FilesModule.self, ScriptModule.self,
]
