/// Every kind of module, in the order in which people are told of them.
package let moduleCatalog: [any Module.Type] = [
  Packages.self, AptSourcesModule.self, FilesModule.self, ScriptModule.self, HostnameModule.self,
  LocaleModule.self, TimezoneModule.self, KeyboardModule.self, UsersModule.self, SSHModule.self,
  SudoModule.self, SystemdModule.self, TimersModule.self, CronModule.self, FirstBootModule.self,
  NetworkModule.self, FirewallModule.self, CertificatesModule.self, CloudInitModule.self,
  KernelModule.self, InitramfsModule.self, ContainersModule.self, OSReleaseModule.self,
  CleanupModule.self,
]
