package audit

import "github.com/zlaunch/zlaunch/launcher/container"

// What to change, in the words of whoever wrote the run. A control says it in podman-run's.

// fixIn is what mends a control in a Quadlet unit and on a docker line; "" is that the
// control's own words hold there.
type fixIn struct{ unit, docker string }

// FixOf is what to change where a control fails of a spec: a unit is told its keys, and a
// docker line what docker has.
func FixOf(c *Control, s *container.Spec) string {
	subject, _, _ := container.Subject.Get(s)
	engine, _, _ := container.Engine.Get(s)
	switch in := fixesElsewhere[c.ID]; {
	case engine == "kubernetes" && fixesInKubernetes[c.ID] != "":
		return fixesInKubernetes[c.ID]
	case subject == "unit" && in.unit != "":
		return in.unit
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
	"ZL-102": {unit: "leave Volume= of the socket, and of any directory that holds one, away"},
	"ZL-107": {docker: "state every security option, and take what weakens out of daemon.json"},
	"ZL-203": {unit: "DropCapability=all"},
	"ZL-204": {unit: "leave AddCapability= of it away"},
	"ZL-205": {unit: "DropCapability=all"},
	"ZL-206": {unit: "leave AddCapability= away, or waive this control with the reason"},
	"ZL-207": {unit: "NoNewPrivileges=true in [Container], not in [Service]"},
	"ZL-208": {unit: "leave SeccompProfile=unconfined away"},
	"ZL-209": {unit: "leave SeccompProfile=, and PodmanArgs=--seccomp-policy=image, away"},
	"ZL-211": {unit: "leave Unmask= and SecurityLabelNested= away"},
	"ZL-213": {unit: "leave Sysctl= of it away"},
	"ZL-301": {unit: "User=UID and Group=GID of the image's own user"},
	"ZL-302": {unit: "User= and Group= with the numbers of the image's own user"},
	"ZL-303": {unit: "make it a user's unit; as root UserNS=auto", docker: idMapDocker},
	"ZL-304": {unit: idMapUnit, docker: idMapDocker},
	"ZL-305": {unit: idMapUnit + "; or UserNS=auto", docker: idMapDocker},
	"ZL-306": {unit: idMapUnit + ", instead of UIDMap= and GIDMap=", docker: idMapDocker},
	"ZL-307": {unit: "leave GroupAdd= away"},
	"ZL-308": {unit: "Group=GID of its own beside User=UID"},
	"ZL-309": {unit: "UserNS=auto, or User= with a uid above 10000", docker: "--user with a uid above 10000"},
	"ZL-311": {unit: "PodmanArgs=--umask=0027", docker: "umask 0027 in the entrypoint"},
	"ZL-401": {unit: "leave SecurityLabelDisable=true away, and --privileged, --pid=host and --ipc=host of PodmanArgs=, which imply it"},
	"ZL-402": {unit: "leave SecurityLabelType= away, or name container_t or a type udica made for this workload"},
	"ZL-403": {unit: "leave SecurityLabelLevel= away: Podman picks two categories of its own for each container"},
	"ZL-405": {unit: "leave SecurityLabelNested=true away"},
	"ZL-501": {unit: "ReadOnly=true, and a sized Tmpfs= for each place the workload writes to"},
	"ZL-502": {unit: "a sized Tmpfs= for each of /tmp, /run and /var/tmp, or ReadOnlyTmpfs=false", docker: "a sized --tmpfs for each of /tmp, /run and /var/tmp"},
	"ZL-503": {unit: "Tmpfs=DEST:size=256m,mode=1777,nosuid,nodev,noexec"},
	"ZL-504": {unit: "PodmanArgs=--image-volume=ignore, or a mount of your own at each VOLUME", docker: "a mount of your own at each VOLUME"},
	"ZL-505": {unit: "Volume=SRC:DEST:ro; a log without LogOpt=path="},
	"ZL-506": {unit: ownDirUnit},
	"ZL-508": {unit: secretUnit, docker: secretDocker},
	"ZL-510": {unit: "Volume=SRC:DEST:z,ro, or label the store once: semanage fcontext -a -t container_ro_file_t 'SRC(/.*)?', restorecon -R SRC"},
	"ZL-513": {unit: "leave U away; UserNS=keep-id:uid=UID,gid=GID lets the image's user read your files", docker: "leave U away"},
	"ZL-515": {unit: "Volume=SRC:DEST:ro,z,nosuid,nodev", docker: "docker volume create --opt type=none --opt o=bind,nosuid,nodev --opt device=SRC NAME, and mount NAME"},
	"ZL-517": {unit: "Volume=SRC:DEST:O, without upperdir", docker: "mount it read-only: docker has no overlay"},
	"ZL-518": {unit: "write the path itself: Volume=/srv/models:/models:ro,z", docker: "write the path itself: --volume /srv/models:/models:ro,z, and see docker volume inspect NAME"},
	"ZL-519": {unit: "name each mount with Volume="},
	"ZL-520": {unit: "another destination, or a single read-only file: Volume=./app.conf:/etc/app.conf:ro"},
	"ZL-521": {docker: "an image: docker import DIR.tar NAME, then its digest"},
	"ZL-601": {unit: "leave PodmanArgs=--pid=host away"},
	"ZL-602": {unit: "leave PodmanArgs=--ipc=host away, and ShmSize= for what needs more shared memory"},
	"ZL-603": {unit: "leave PodmanArgs=--uts=host away"},
	"ZL-604": {unit: "leave CgroupsMode=, and --cgroupns and --cgroup-parent of PodmanArgs=, away"},
	"ZL-605": {unit: "leave AddDevice= away; on Z the accelerator is an instruction and needs none"},
	"ZL-606": {unit: "AddDevice=vendor.com/gpu=INDEX or its uuid"},
	"ZL-608": {unit: "PodmanArgs=--systemd=false"},
	"ZL-609": {unit: "let the .pod be audited with it, or leave Pod= away"},
	"ZL-701": {unit: "leave Network=host away, and publish the ports that are needed: PublishPort=127.0.0.1:8501:8501"},
	"ZL-702": {unit: "Network=NAME.network instead of another container's"},
	"ZL-703": {unit: "a unit NAME.network, and Network=NAME.network", docker: "docker network create NAME, then --network NAME"},
	"ZL-704": {unit: "Options=isolate=true in the .network unit", docker: "docker network create NAME: docker keeps its bridges apart"},
	"ZL-705": {unit: "Internal=true in the .network unit, and a reverse proxy on a second network that publishes the port",
		docker: "docker network create --internal NAME, and a reverse proxy on a second network that publishes the port"},
	"ZL-706": {unit: "Network=none"},
	"ZL-708": {unit: "PublishPort=127.0.0.1:8501:8501"},
	"ZL-709": {unit: "leave PodmanArgs=--publish-all away; PublishPort=127.0.0.1:8501:8501"},
	"ZL-710": {unit: "PublishPort=127.0.0.1:8443:443"},
	"ZL-715": {unit: "leave AddHost= and DNS= away"},
	"ZL-801": {unit: "Memory=8g, before Podman 5.5 MemoryMax=8G in [Service]: weights, tmpfs and batches together"},
	"ZL-802": {unit: "PodmanArgs=--memory-swap= with the value of the memory, or MemorySwapMax=0 in [Service]"},
	"ZL-803": {unit: "PidsLimit=2048"},
	"ZL-804": {unit: "CPUQuota=400% in [Service]"},
	"ZL-805": {unit: "Ulimit=core=0:0 and Ulimit=nofile=16384:16384"},
	"ZL-806": {unit: "ShmSize=64m and more: 64 MiB for each instance of Triton's Python backend"},
	"ZL-809": {unit: "Restart=on-failure in [Service], with StartLimitBurst=5 in [Unit] and a StartLimitIntervalSec= longer than as many RestartSec="},
	"ZL-810": {unit: "StopTimeout=10, before Podman 5.0 TimeoutStopSec= in [Service]"},
	"ZL-811": {unit: "HealthCmd= with a program of the image"},
	"ZL-812": {unit: "HealthOnFailure=kill, and Restart=on-failure in [Service]", docker: "something that restarts it when docker inspect says unhealthy: docker run has no --health-on-failure"},
	"ZL-813": {unit: "LogDriver=journald, or k8s-file with LogOpt=max-size=10m", docker: "--log-driver local, or json-file with --log-opt max-size=10m"},
	"ZL-814": {unit: "RunInit=true"},
	"ZL-817": {unit: "leave AutoUpdate= away, or demand signatures (ZL-905)"},
	"ZL-818": {docker: "start the one service; docker exec and docker logs need no sshd"},
	"ZL-901": {unit: "Image=NAME@sha256:…, as podman image inspect --format '{{.RepoDigests}}' NAME prints it",
		docker: "NAME@sha256:…, as docker image inspect --format '{{.RepoDigests}}' NAME prints it"},
	"ZL-902": {unit: "Image=NAME:1.6.0, or a digest"},
	"ZL-903": {unit: "Image=REGISTRY/NAME; localhost/NAME for an image built here"},
	"ZL-905": {docker: "cosign verify NAME@sha256:… before the run"},
	"ZL-907": {unit: "Image= with a digest; a tag with Pull=never"},
	"ZL-908": {unit: "USER in the Containerfile; until then User="},
	"ZL-921": {unit: secretUnit, docker: secretDocker},
	"ZL-922": {unit: "leave EnvironmentHost=true away, and name the few that are needed: Environment=NAME=VALUE",
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
	case peek(k, container.Engine) == "docker":
		return "a file that is mounted read-only"
	}
	return "a podman secret, as --secret NAME,type=mount"
}
