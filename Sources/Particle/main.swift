import Boot

print(bootPlaceholder())
