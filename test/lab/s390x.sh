# shellcheck shell=bash disable=SC2034,SC2054
# The s390x guest. lib.sh reads this.
port=2220
kernel=linux-image-s390x
initrd_modules='virtio_blk virtio_net ext4'
emulator=qemu-system-s390x
machine=(-machine s390-ccw-virtio)
devices=(-device virtio-rng-ccw -device virtio-net-ccw,netdev=net -device virtio-blk-ccw,drive=disk)
processor=max
terminal=ttysclp0
# How the kernel knows this architecture's programs: the ELF header and its mask.
binfmt='\x7fELF\x02\x02\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x16:\xff\xff\xff\xff\xff\xff\xff\xfc\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff'
