internal import CCurl

/// The version of libcurl, as it says it.
package func transferVersion() -> String { String(cString: curl_version()) }
