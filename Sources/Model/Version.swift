/// The version of particle-os, which all its programs report.
package let particleVersion = "0.1.0"
