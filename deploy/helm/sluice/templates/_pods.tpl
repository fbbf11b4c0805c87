{{/* Labels of the pods that do the same: (dict "root" root "component" name "group" id). */}}
{{- define "sluice.alike" -}}
{{ include "sluice.selector" (list .root .component) }}
{{- with .group }}
sluice/relays: {{ . }}
{{- end }}
{{- end }}

{{/* What every pod has in common: (dict "root" root "component" name "grace" seconds "group" id). */}}
{{- define "sluice.pod" -}}
{{- $values := .root.Values -}}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: {{ .grace | default 30 }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .user | default 1000 }}
  runAsGroup: {{ .user | default 1000 }}
  fsGroup: {{ .user | default 1000 }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- $alike := include "sluice.alike" . }}
# one constraint alone: the scheduler ignores all of them at nodes that lack one of their labels, and many nodes have no zone
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- $alike | nindent 8 }}
    # of the same revision: counted with the pods that a rollout replaces, all new ones could come to one node
    matchLabelKeys: [pod-template-hash]
affinity:
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 50
        podAffinityTerm:
          topologyKey: topology.kubernetes.io/zone
          labelSelector:
            matchLabels: {{- $alike | nindent 14 }}
{{- with $values.images.pullSecrets }}
imagePullSecrets: {{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* What every container has in common. */}}
{{- define "sluice.container" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{/* Image, probes and port of a service of ours: (list root name). */}}
{{- define "sluice.service" -}}
{{- $root := index . 0 -}}
image: {{ include "sluice.image" . }}
imagePullPolicy: {{ $root.Values.images.pullPolicy }}
{{ include "sluice.container" . }}
startupProbe:
  httpGet: { path: /livez, port: operations }
  periodSeconds: 2
  timeoutSeconds: 5
  failureThreshold: 60
livenessProbe:
  httpGet: { path: /livez, port: operations }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: { path: /readyz, port: operations }
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
{{- end }}

{{/* The environment of a service that uses the bus: (list root name). */}}
{{- define "sluice.busEnvironment" -}}
- { name: NATS_URL, value: {{ include "sluice.natsAddress" (index . 0) | quote }} }
- { name: SLUICE_BUS_CREDENTIALS_FILE, value: /run/secrets/bus-{{ index . 1 }}.json }
{{- end }}

{{/* How many servers keep the streams and buckets that a service makes. */}}
{{- define "sluice.busReplicas" -}}
{{- if gt (int .Values.nats.replicas) 1 }}
- { name: SLUICE_BUS_REPLICAS, value: {{ .Values.nats.replicas | int | quote }} }
{{- end }}
{{- end }}

{{/* Where a service sends its spans, if anywhere. */}}
{{- define "sluice.traceEnvironment" -}}
{{- with .Values.traces }}
{{- if .endpoint }}
- { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ .endpoint | quote }} }
{{- include "sluice.moreEnvironment" .env }}
{{- end }}
{{- end }}
{{- end }}

{{/* More environment variables, from a map. */}}
{{- define "sluice.moreEnvironment" -}}
{{- range $name, $value := . }}
- { name: {{ $name }}, value: {{ $value | quote }} }
{{- end }}
{{- end }}

{{/* A source of a volume: the files of a Secret of the set-up's: (list root secret file...). */}}
{{- define "sluice.files" -}}
- secret:
    name: {{ include "sluice.name" (index . 0) }}-{{ index . 1 }}
    items:
      {{- range slice . 2 }}
      - { key: {{ . }}, path: {{ . }} }
      {{- end }}
{{- end }}

{{/* A budget, so that a node is drained one pod at a time: (list root component). */}}
{{- define "sluice.disruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "sluice.name" (index . 0) }}-{{ index . 1 }}
  labels: {{- include "sluice.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "sluice.selector" . | nindent 6 }}
{{- end }}
