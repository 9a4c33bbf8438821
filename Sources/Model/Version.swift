/// The version of particle-os, which all its programs report.
package let particleVersion = "0.2.0"
