internal import Model
internal import StageContracts

/// What an OVF says of a machine with one disk.
struct OVFMachine {
  var title: String
  var memory: ByteSize
  var processors: Int
  var firmware: OVA.Firmware
  var architecture: Architecture
  var diskFile: String
  /// Of the disk's file, in bytes.
  var diskSize: Int
  /// Of the disk, in bytes.
  var capacity: Int

  /// Titles and file names are such as XML needs no escape for: an image's name has letters, digits,
  /// `_` and `-` only.
  ///
  /// The numbers of resource types are those of CIM_ResourceAllocationSettingData.
  var text: String {
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" \
    xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" \
    xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" \
    xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData" \
    xmlns:vmw="http://www.vmware.com/schema/ovf">
      <References>
        <File ovf:href="\(diskFile)" ovf:id="file1" ovf:size="\(diskSize)"/>
      </References>
      <DiskSection>
        <Info>The disk</Info>
        <Disk ovf:capacity="\(capacity)" ovf:capacityAllocationUnits="byte" ovf:diskId="disk1" \
    ovf:fileRef="file1" \
    ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>
      </DiskSection>
      <NetworkSection>
        <Info>The network</Info>
        <Network ovf:name="nat"><Description>The network</Description></Network>
      </NetworkSection>
      <VirtualSystem ovf:id="\(title)">
        <Info>A virtual machine</Info>
        <Name>\(title)</Name>
        <OperatingSystemSection ovf:id="\(operatingSystem.id)" vmw:osType="\(operatingSystem.name)">
          <Info>The operating system</Info>
        </OperatingSystemSection>
        <VirtualHardwareSection>
          <Info>The hardware</Info>
          <System>
            <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
            <vssd:InstanceID>0</vssd:InstanceID>
            <vssd:VirtualSystemIdentifier>\(title)</vssd:VirtualSystemIdentifier>
            <vssd:VirtualSystemType>vmx-14</vssd:VirtualSystemType>
          </System>
    \(item("\(processors) processors", 1, 3, [("VirtualQuantity", "\(processors)")]))
    \(item(
      "Memory", 2, 4,
      [("AllocationUnits", "byte * 2^20"), ("VirtualQuantity", "\(memory.bytes >> 20)")]))
    \(item("SCSI controller", 3, 6, [("Address", "0"), ("ResourceSubType", "lsilogic")]))
    \(item(
      "Disk", 4, 17,
      [("AddressOnParent", "0"), ("HostResource", "ovf:/disk/disk1"), ("Parent", "3")]))
    \(item(
      "Network adapter", 5, 10,
      [("AutomaticAllocation", "true"), ("Connection", "nat"), ("ResourceSubType", "E1000")]))
          <vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="\(firmwareName)"/>
        </VirtualHardwareSection>
      </VirtualSystem>
    </Envelope>

    """
  }

  private var firmwareName: String { firmware == .bios ? "bios" : "efi" }

  /// Debian by CIM_OperatingSystem's number and by VMware's name.
  private var operatingSystem: (id: Int, name: String) {
    switch architecture {
    case .amd64: (96, "debian11_64Guest")
    case .arm64: (96, "arm-debian11-64")
    }
  }

  private func item(
    _ name: String, _ id: Int, _ type: Int, _ more: [(key: String, value: String)]
  ) -> String {
    // The schema wants the elements in the order of their names.
    let elements =
      more + [("ElementName", name), ("InstanceID", "\(id)"), ("ResourceType", "\(type)")]
    let lines = elements.sorted { $0.key < $1.key }.map { element in
      "        <rasd:\(element.key)>\(element.value)</rasd:\(element.key)>"
    }
    return "      <Item>\n" + lines.joined(separator: "\n") + "\n      </Item>"
  }
}
