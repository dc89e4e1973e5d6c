package audit

import "github.com/zlaunch/zlaunch/launcher/container"

// What to change, in the words of whoever wrote the run. A control says it in podman-run's.

// fixIn is what mends a control in a Quadlet unit, on a docker line and in a Compose file;
// "" is that the control's own words hold there.
type fixIn struct{ unit, docker, compose string }

// FixOf is what to change where a control fails of a spec: a unit and a Compose file are
// told their keys, and a docker line what docker has.
func FixOf(c *Control, s *container.Spec) string {
	subject, _, _ := container.Subject.Get(s)
	engine, _, _ := container.Engine.Get(s)
	switch in := fixesElsewhere[c.ID]; {
	case engine == "kubernetes" && fixesInKubernetes[c.ID] != "":
		return fixesInKubernetes[c.ID]
	case subject == "unit" && in.unit != "":
		return in.unit
	case subject == "compose" && in.compose != "":
		return in.compose
	case engine == "docker" && in.docker != "":
		return in.docker
	}
	return c.Fix
}

const (
	idMapUnit    = "UserNS=keep-id:uid=UID,gid=GID, with User=UID and Group=GID"
	idMapDocker  = "rootless docker, or userns-remap in the daemon's daemon.json: docker run has no map of its own"
	secretUnit   = "podman secret create NAME FILE, then Secret=NAME,type=mount,mode=0400"
	secretDocker = "keep it in a file that only you read, and mount that: --mount type=bind,source=/srv/secrets/NAME,target=/run/secrets/NAME,readonly, with the " +
		"variable or option of the image that names a file (NAME_FILE); docker run has no --secret, compose and swarm have secrets:"
	ownDirUnit = "a directory made for this workload: Volume=/srv/models:/models:ro,z"
)

var fixesElsewhere = map[string]fixIn{
	"ZL-102": {compose: "leave the socket, and any directory that holds one, out of volumes:", unit: "leave Volume= of the socket, and of any directory that holds one, away"},
	"ZL-107": {docker: "state every security option, and take what weakens out of daemon.json"},
	"ZL-201": {compose: "leave privileged: away"},
	"ZL-203": {compose: "cap_drop: [ALL]", unit: "DropCapability=all"},
	"ZL-204": {compose: "leave it out of cap_add:", unit: "leave AddCapability= of it away"},
	"ZL-205": {compose: "cap_drop: [ALL]", unit: "DropCapability=all"},
	"ZL-206": {compose: "leave cap_add: away, or waive this control with the reason", unit: "leave AddCapability= away, or waive this control with the reason"},
	"ZL-207": {compose: "security_opt: [no-new-privileges]", unit: "NoNewPrivileges=true in [Container], not in [Service]"},
	"ZL-208": {compose: "leave seccomp=unconfined out of security_opt:", unit: "leave SeccompProfile=unconfined away"},
	"ZL-209": {compose: "leave seccomp= out of security_opt:", unit: "leave SeccompProfile=, and PodmanArgs=--seccomp-policy=image, away"},
	"ZL-211": {compose: "leave systempaths=unconfined out of security_opt:", unit: "leave Unmask= and SecurityLabelNested= away"},
	"ZL-213": {compose: "leave it out of sysctls:", unit: "leave Sysctl= of it away"},
	"ZL-301": {compose: "user: \"UID:GID\" of the image's own user", unit: "User=UID and Group=GID of the image's own user"},
	"ZL-302": {compose: "user: with the numbers of the image's own user", unit: "User= and Group= with the numbers of the image's own user"},
	"ZL-303": {unit: "make it a user's unit; as root UserNS=auto", docker: idMapDocker},
	"ZL-304": {unit: idMapUnit, docker: idMapDocker},
	"ZL-305": {unit: idMapUnit + "; or UserNS=auto", docker: idMapDocker},
	"ZL-306": {unit: idMapUnit + ", instead of UIDMap= and GIDMap=", docker: idMapDocker},
	"ZL-307": {compose: "leave group_add: away", unit: "leave GroupAdd= away"},
	"ZL-308": {compose: "user: \"UID:GID\" with a GID of its own", unit: "Group=GID of its own beside User=UID"},
	"ZL-309": {unit: "UserNS=auto, or User= with a uid above 10000", docker: "--user with a uid above 10000"},
	"ZL-311": {unit: "PodmanArgs=--umask=0027", docker: "umask 0027 in the entrypoint"},
	"ZL-401": {compose: "leave label=disable out of security_opt:, and privileged:, pid: host and ipc: host away, which imply it", unit: "leave SecurityLabelDisable=true away, and --privileged, --pid=host and --ipc=host of PodmanArgs=, which imply it"},
	"ZL-402": {unit: "leave SecurityLabelType= away, or name container_t or a type udica made for this workload"},
	"ZL-403": {unit: "leave SecurityLabelLevel= away: Podman picks two categories of its own for each container"},
	"ZL-405": {unit: "leave SecurityLabelNested=true away"},
	"ZL-407": {compose: "leave apparmor=unconfined out of security_opt:, and privileged: away"},
	"ZL-501": {compose: "read_only: true, and a sized entry of tmpfs: for each place the workload writes to", unit: "ReadOnly=true, and a sized Tmpfs= for each place the workload writes to"},
	"ZL-502": {compose: "tmpfs: with a size for each of /tmp, /run and /var/tmp", unit: "a sized Tmpfs= for each of /tmp, /run and /var/tmp, or ReadOnlyTmpfs=false", docker: "a sized --tmpfs for each of /tmp, /run and /var/tmp"},
	"ZL-503": {compose: "tmpfs: [\"DEST:size=256m,mode=1777,nosuid,nodev,noexec\"]", unit: "Tmpfs=DEST:size=256m,mode=1777,nosuid,nodev,noexec"},
	"ZL-504": {unit: "PodmanArgs=--image-volume=ignore, or a mount of your own at each VOLUME", docker: "a mount of your own at each VOLUME"},
	"ZL-505": {compose: "read_only: true at the volume, or SRC:DEST:ro", unit: "Volume=SRC:DEST:ro; a log without LogOpt=path="},
	"ZL-506": {compose: "a directory made for this workload: ./models:/models:ro,z", unit: ownDirUnit},
	"ZL-508": {compose: "secrets: with a file of its own, and the image's variable that names a file (NAME_FILE: /run/secrets/NAME)", unit: secretUnit, docker: secretDocker},
	"ZL-510": {compose: "bind: {selinux: z} at the volume, or SRC:DEST:ro,z", unit: "Volume=SRC:DEST:z,ro, or label the store once: semanage fcontext -a -t container_ro_file_t 'SRC(/.*)?', restorecon -R SRC"},
	"ZL-513": {unit: "leave U away; UserNS=keep-id:uid=UID,gid=GID lets the image's user read your files", docker: "leave U away"},
	"ZL-515": {unit: "Volume=SRC:DEST:ro,z,nosuid,nodev", docker: "docker volume create --opt type=none --opt o=bind,nosuid,nodev --opt device=SRC NAME, and mount NAME"},
	"ZL-517": {unit: "Volume=SRC:DEST:O, without upperdir", docker: "mount it read-only: docker has no overlay"},
	"ZL-518": {unit: "write the path itself: Volume=/srv/models:/models:ro,z", docker: "write the path itself: --volume /srv/models:/models:ro,z, and see docker volume inspect NAME"},
	"ZL-519": {unit: "name each mount with Volume="},
	"ZL-520": {unit: "another destination, or a single read-only file: Volume=./app.conf:/etc/app.conf:ro"},
	"ZL-521": {docker: "an image: docker import DIR.tar NAME, then its digest"},
	"ZL-601": {compose: "leave pid: host away", unit: "leave PodmanArgs=--pid=host away"},
	"ZL-602": {compose: "leave ipc: host away, and shm_size: for what needs more shared memory", unit: "leave PodmanArgs=--ipc=host away, and ShmSize= for what needs more shared memory"},
	"ZL-603": {compose: "leave uts: host away", unit: "leave PodmanArgs=--uts=host away"},
	"ZL-604": {compose: "leave cgroup: host and cgroup_parent: away", unit: "leave CgroupsMode=, and --cgroupns and --cgroup-parent of PodmanArgs=, away"},
	"ZL-605": {compose: "leave devices: away; on Z the accelerator is an instruction and needs none", unit: "leave AddDevice= away; on Z the accelerator is an instruction and needs none"},
	"ZL-606": {unit: "AddDevice=vendor.com/gpu=INDEX or its uuid"},
	"ZL-608": {unit: "PodmanArgs=--systemd=false"},
	"ZL-609": {unit: "let the .pod be audited with it, or leave Pod= away"},
	"ZL-701": {compose: "leave network_mode: host away, and ports: [\"127.0.0.1:8501:8501\"]", unit: "leave Network=host away, and publish the ports that are needed: PublishPort=127.0.0.1:8501:8501"},
	"ZL-702": {compose: "networks: of the service's own instead of network_mode: service: or container:", unit: "Network=NAME.network instead of another container's"},
	"ZL-703": {compose: "leave network_mode: bridge away: Compose makes a network for the project", unit: "a unit NAME.network, and Network=NAME.network", docker: "docker network create NAME, then --network NAME"},
	"ZL-704": {unit: "Options=isolate=true in the .network unit", docker: "docker network create NAME: docker keeps its bridges apart"},
	"ZL-705": {compose: "internal: true at the network below networks:, and a reverse proxy on a second network that publishes the port", unit: "Internal=true in the .network unit, and a reverse proxy on a second network that publishes the port",
		docker: "docker network create --internal NAME, and a reverse proxy on a second network that publishes the port"},
	"ZL-706": {compose: "network_mode: none", unit: "Network=none"},
	"ZL-708": {compose: "ports: [\"127.0.0.1:8501:8501\"]", unit: "PublishPort=127.0.0.1:8501:8501"},
	"ZL-709": {unit: "leave PodmanArgs=--publish-all away; PublishPort=127.0.0.1:8501:8501"},
	"ZL-710": {compose: "ports: [\"127.0.0.1:8443:443\"]", unit: "PublishPort=127.0.0.1:8443:443"},
	"ZL-715": {compose: "leave extra_hosts: and dns: away", unit: "leave AddHost= and DNS= away"},
	"ZL-801": {compose: "mem_limit: 8g, or deploy.resources.limits.memory", unit: "Memory=8g, before Podman 5.5 MemoryMax=8G in [Service]: weights, tmpfs and batches together"},
	"ZL-802": {compose: "memswap_limit: with the value of mem_limit:", unit: "PodmanArgs=--memory-swap= with the value of the memory, or MemorySwapMax=0 in [Service]"},
	"ZL-803": {compose: "pids_limit: 2048", unit: "PidsLimit=2048"},
	"ZL-804": {compose: "cpus: 4", unit: "CPUQuota=400% in [Service]"},
	"ZL-805": {compose: "ulimits: {core: 0, nofile: {soft: 16384, hard: 16384}}", unit: "Ulimit=core=0:0 and Ulimit=nofile=16384:16384"},
	"ZL-806": {compose: "shm_size: 64m and more: 64 MiB for each instance of Triton's Python backend", unit: "ShmSize=64m and more: 64 MiB for each instance of Triton's Python backend"},
	"ZL-809": {compose: "restart: on-failure:5", unit: "Restart=on-failure in [Service], with StartLimitBurst=5 in [Unit] and a StartLimitIntervalSec= longer than as many RestartSec="},
	"ZL-810": {compose: "stop_grace_period: 10s", unit: "StopTimeout=10, before Podman 5.0 TimeoutStopSec= in [Service]"},
	"ZL-811": {compose: "healthcheck: with a test: of a program of the image", unit: "HealthCmd= with a program of the image"},
	"ZL-812": {unit: "HealthOnFailure=kill, and Restart=on-failure in [Service]", docker: "something that restarts it when docker inspect says unhealthy: docker run has no --health-on-failure"},
	"ZL-813": {compose: "logging: {driver: local}, or json-file with options: {max-size: 10m}", unit: "LogDriver=journald, or k8s-file with LogOpt=max-size=10m", docker: "--log-driver local, or json-file with --log-opt max-size=10m"},
	"ZL-814": {compose: "init: true", unit: "RunInit=true"},
	"ZL-817": {unit: "leave AutoUpdate= away, or demand signatures (ZL-905)"},
	"ZL-818": {docker: "start the one service; docker exec and docker logs need no sshd"},
	"ZL-901": {compose: "image: NAME@sha256:…, as docker image inspect --format '{{.RepoDigests}}' NAME prints it", unit: "Image=NAME@sha256:…, as podman image inspect --format '{{.RepoDigests}}' NAME prints it",
		docker: "NAME@sha256:…, as docker image inspect --format '{{.RepoDigests}}' NAME prints it"},
	"ZL-902": {compose: "image: NAME:1.6.0, or a digest", unit: "Image=NAME:1.6.0, or a digest"},
	"ZL-903": {compose: "image: REGISTRY/NAME", unit: "Image=REGISTRY/NAME; localhost/NAME for an image built here"},
	"ZL-905": {docker: "cosign verify NAME@sha256:… before the run"},
	"ZL-907": {compose: "image: with a digest; a tag with pull_policy: never", unit: "Image= with a digest; a tag with Pull=never"},
	"ZL-908": {compose: "USER in the Containerfile; until then user:", unit: "USER in the Containerfile; until then User="},
	"ZL-921": {compose: "secrets: with a file of its own, and the image's variable that names a file (NAME_FILE: /run/secrets/NAME)", unit: secretUnit, docker: secretDocker},
	"ZL-922": {compose: "environment: NAME=VALUE for the few that are needed", unit: "leave EnvironmentHost=true away, and name the few that are needed: Environment=NAME=VALUE",
		docker: "name the few that are needed: --env NAME=VALUE"},
	"ZL-924": {unit: "HttpProxy=false, before Podman 5.7 PodmanArgs=--http-proxy=false", docker: "take proxies out of ~/.docker/config.json"},
	"ZL-925": {unit: "Secret=NAME,type=mount,uid=UID,mode=0400"},
	"ZL-927": {unit: "Secret=NAME,type=mount, and the server's option that reads a file", docker: secretDocker},
	"ZL-936": {unit: "Mount=type=image,source=IMAGE,destination=/models,rw=false", docker: "--mount type=image,source=IMAGE,target=/models"},
	"ZL-938": {unit: "a directory of its own for the models: Volume=/srv/models:/models:ro,z"},
}

// secretWay is where a value should come from instead, for a message.
func (k *Case) secretWay() string {
	switch {
	case peek(k, container.Subject) == "unit":
		return "a podman secret, as Secret=NAME,type=mount"
	case peek(k, container.Subject) == "compose":
		return "a secret of Compose, as secrets: with file:"
	case peek(k, container.Engine) == "docker":
		return "a file that is mounted read-only"
	}
	return "a podman secret, as --secret NAME,type=mount"
}
