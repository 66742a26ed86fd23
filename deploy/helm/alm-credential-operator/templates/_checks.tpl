{{/* What values.schema.json cannot say, or not in words that help. Every problem is told at once. */}}
{{- define "alm-operator.check" -}}
{{- $problems := concat
  (include "alm-operator.checkReplicas" . | fromJsonArray)
  (include "alm-operator.checkConnection" . | fromJsonArray)
  (include "alm-operator.checkRest" . | fromJsonArray) }}
{{- if $problems }}
{{- fail (printf "\n%s" (join "\n" $problems)) }}
{{- end }}
{{- end }}

{{- define "alm-operator.checkReplicas" -}}
{{- $problems := list }}
{{- $replicas := .Values.replicas | int }}
{{- if lt $replicas 0 }}
{{- $problems = append $problems (printf "replicas is %d: it has to be 0 or more" $replicas) }}
{{- end }}
{{- if and (gt $replicas 1) (not .Values.leaderElection.enabled) }}
{{- $problems = append $problems (printf "replicas is %d without leaderElection.enabled: all of them would write to ALM at the same time; set leaderElection.enabled to true or replicas to 1" $replicas) }}
{{- end }}
{{- $problems | toJson }}
{{- end }}

{{- define "alm-operator.checkConnection" -}}
{{- $problems := list }}
{{- with .Values.connection }}
{{- if .create }}
{{- if not .endpoint }}
{{- $problems = append $problems "connection.endpoint is missing: set it to the address of the ALM API, such as https://app.lm:32443, or connection.create to false" }}
{{- else if and (hasPrefix "http://" .endpoint) (not .allowHttp) }}
{{- $problems = append $problems (printf "connection.endpoint is %s: http sends passwords in the clear; use https or set connection.allowHttp to true" .endpoint) }}
{{- else if not (regexMatch "^https?://[^/?#@]+(/[^?#]*)?$" .endpoint) }}
{{- $problems = append $problems (printf "connection.endpoint is %s: it has to be an https address of host, optional port and path, without user, query and fragment" .endpoint) }}
{{- end }}
{{- if and (ne .login "none") (not .existingSecret) }}
{{- $problems = append $problems "connection.existingSecret is empty: name the Secret that holds the operator's login, or set connection.login to none" }}
{{- end }}
{{- if and (ne .login "none") (not .clientId) }}
{{- $problems = append $problems "connection.clientId is empty: name the operator's own client in ALM, or set connection.login to none" }}
{{- end }}
{{- if and (eq .login "password") (not .username) }}
{{- $problems = append $problems "connection.username is empty: connection.login is password, which logs in as a user; name it" }}
{{- end }}
{{- if and .tls.caBundle .tls.caRef }}
{{- $problems = append $problems "connection.tls has both caBundle and caRef: leave one of them out" }}
{{- end }}
{{- end }}
{{- end }}
{{- $problems | toJson }}
{{- end }}

{{- define "alm-operator.checkRest" -}}
{{- $problems := list }}
{{- $connection := include "alm-operator.connectionName" . }}
{{- if gt (len $connection) 63 }}
{{- $problems = append $problems (printf "connection.name is %s: it may have 63 characters" $connection) }}
{{- end }}
{{- if and (not .Values.serviceAccount.create) (not .Values.serviceAccount.name) }}
{{- $problems = append $problems "serviceAccount.name is empty: name the service account that exists, or set serviceAccount.create to true" }}
{{- end }}
{{- if and .Values.metrics.serviceMonitor.enabled (not .Values.metrics.enabled) }}
{{- $problems = append $problems "metrics.serviceMonitor.enabled is true without metrics.enabled: there would be nothing to scrape; set metrics.enabled to true" }}
{{- end }}
{{- if eq (.Values.metrics.port | int) (.Values.healthPort | int) }}
{{- $problems = append $problems (printf "healthPort is %d, and so is metrics.port: let them differ" (.Values.healthPort | int)) }}
{{- end }}
{{- if and .Values.networkPolicy.enabled (not (include "alm-operator.almPorts" . | fromJson).all) }}
{{- $problems = append $problems "networkPolicy.alm.ports is empty: the chart makes no connection, so say at which ports your ALM listens" }}
{{- end }}
{{- $problems | toJson }}
{{- end }}
