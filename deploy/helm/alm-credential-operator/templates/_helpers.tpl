{{- define "alm-operator.name" -}}
alm-operator
{{- end }}

{{- define "alm-operator.fullname" -}}
{{- $name := include "alm-operator.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" (.Release.Name | trunc 50 | trimSuffix "-") $name }}
{{- end }}
{{- end }}

{{/* For what belongs to no namespace: two releases of one name in two namespaces do not meet. */}}
{{- define "alm-operator.clusterName" -}}
{{- $fullname := include "alm-operator.fullname" . }}
{{- if eq $fullname .Release.Namespace }}
{{- $fullname }}
{{- else }}
{{- printf "%s-%s" .Release.Namespace $fullname }}
{{- end }}
{{- end }}

{{- define "alm-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "alm-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "alm-operator.labels" -}}
{{- $own := dict
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_")
  "app.kubernetes.io/version" .Chart.AppVersion
  "app.kubernetes.io/managed-by" .Release.Service }}
{{- $selector := include "alm-operator.selectorLabels" . | fromYaml }}
{{- mergeOverwrite (deepCopy .Values.commonLabels) $own $selector | toYaml }}
{{- end }}

{{- define "alm-operator.podLabels" -}}
{{- $selector := include "alm-operator.selectorLabels" . | fromYaml }}
{{- mergeOverwrite (deepCopy .Values.commonLabels) .Values.podLabels $selector | toYaml }}
{{- end }}

{{- define "alm-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- .Values.serviceAccount.name | default (include "alm-operator.fullname" .) }}
{{- else }}
{{- .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "alm-operator.subject" -}}
- kind: ServiceAccount
  name: {{ include "alm-operator.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end }}

{{- define "alm-operator.image" -}}
{{- with .Values.image }}
{{- if .digest }}
{{- printf "%s@%s" .repository .digest }}
{{- else }}
{{- printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "alm-operator.connectionName" -}}
{{- .Values.connection.name | default .Values.defaultConnection }}
{{- end }}

{{/* The namespaces that are served, that of the release first, as JSON {"all": …}. */}}
{{- define "alm-operator.namespaces" -}}
{{- dict "all" (concat (list .Release.Namespace) .Values.watchNamespaces | uniq) | toJson }}
{{- end }}

{{/* Rights where ClientCredentials are: on their Secrets, and to tell of them. */}}
{{- define "alm-operator.secretRules" -}}
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch{{ if .Values.generatedSecrets.enabled }}, create, update, delete{{ end }}]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{/* Ports to which ALM or the proxy to it listens, as JSON {"all": …}. */}}
{{- define "alm-operator.almPorts" -}}
{{- $ports := .Values.networkPolicy.alm.ports }}
{{- if not $ports }}
{{- $addresses := list }}
{{- if .Values.connection.create }}{{ $addresses = append $addresses .Values.connection.endpoint }}{{ end }}
{{- range $address := concat $addresses (list .Values.proxy.httpsProxy .Values.proxy.httpProxy) }}
{{- if $address }}
{{- $url := urlParse $address }}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" }}
{{- $ports = append $ports (ternary (int $port) (ternary 80 443 (eq $url.scheme "http")) (ne $port "")) }}
{{- end }}
{{- end }}
{{- end }}
{{- dict "all" (uniq $ports) | toJson }}
{{- end }}
