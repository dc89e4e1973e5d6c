# shellcheck shell=bash disable=SC2034,SC2054
# The amd64 guest. lib.sh reads this.
port=2210
kernel=linux-image-cloud-amd64
initrd_modules='virtio_blk virtio_pci virtio_net ext4'
emulator=qemu-system-x86_64
machine=(-machine q35)
devices=(-device virtio-rng-pci -device virtio-net-pci,netdev=net,romfile= -device virtio-blk-pci,drive=disk)
# Without cmpxchg16b: some QEMUs break the flags after it, the kernel's allocator
# uses it where it is offered, and the guest then crashes at random.
# ZLAUNCH_LAB_CX16=1 offers it: Debian's haproxy is built for it, and ends by SIGILL else.
processor=max,-la57
[ -n "${ZLAUNCH_LAB_CX16:-}" ] || processor=$processor,-cx16
terminal=ttyS0
binfmt= # no interpreter: this is the host's own architecture
